"use client";

import { ConfirmDialog } from "@/ui/confirm";
import type { DialogProps } from "./action-bar";
import { useAsk } from "./use-ask";
import { IfLost, SaveTime } from "./words";

export function SaveDialog({ job, history, open, onClose }: DialogProps) {
  const ask = useAsk(job.job_id, onClose);
  return (
    <ConfirmDialog
      open={open}
      onClose={closing(ask, onClose)}
      title="Save a checkpoint?"
      keep="Not now"
      confirm="Save checkpoint"
      busy={ask.isPending}
      failed={ask.error}
      onConfirm={() => ask.mutate({ action: "checkpoint" })}
    >
      <p>
        The trainer saves at its next step boundary, reads the file back to verify it, and goes on.{" "}
        <SaveTime history={history} />
      </p>
      <IfLost job={job} />
    </ConfirmDialog>
  );
}

/** What was refused is forgotten with the dialog. */
export function closing(ask: { reset: () => void }, onClose: () => void): () => void {
  return () => {
    ask.reset();
    onClose();
  };
}
