"use client";

import { mebibytes } from "@/lib/format";
import { ConfirmDialog } from "@/ui/confirm";
import type { DialogProps } from "./action-bar";
import { closing } from "./save-dialog";
import { useAsk } from "./use-ask";
import { IfLost } from "./words";

export function PauseDialog({ job, open, onClose }: DialogProps) {
  const ask = useAsk(job.job_id, onClose);
  const held = job.details.vram_usage_mb;
  return (
    <ConfirmDialog
      open={open}
      onClose={closing(ask, onClose)}
      title="Pause the run?"
      keep="Keep running"
      confirm="Pause"
      busy={ask.isPending}
      failed={ask.error}
      onConfirm={() => ask.mutate({ action: "pause" })}
    >
      <p>
        The trainer waits at its next step boundary until it is told to go on. Its process stays, and{" "}
        {held === undefined ? "what it holds of a GPU's memory" : `the ${mebibytes(held)} of GPU memory that it holds`}{" "}
        stays held. It can be saved or canceled meanwhile.
      </p>
      <IfLost job={job} />
    </ConfirmDialog>
  );
}

export function ResumeDialog({ job, open, onClose }: DialogProps) {
  const ask = useAsk(job.job_id, onClose);
  return (
    <ConfirmDialog
      open={open}
      onClose={closing(ask, onClose)}
      title="Let the run go on?"
      keep="Not now"
      confirm="Go on"
      busy={ask.isPending}
      failed={ask.error}
      onConfirm={() => ask.mutate({ action: "resume" })}
    >
      <p>It goes on from the very step where it waits.</p>
      <IfLost job={job} />
    </ConfirmDialog>
  );
}
