"use client";

import { isFinal, type Job, type JobHistory, type Operation } from "@mixdesk/client";
import { useId, useState } from "react";
import { useSession } from "@/shell/session";
import { Button, type ButtonProps } from "@/ui/button";
import { CancelDialog } from "./cancel-dialog";
import { DeleteDialog } from "./delete-dialog";
import { PauseDialog, ResumeDialog } from "./pause-dialogs";
import { type Action, isPauseWished, keepsCheckpoints, refusalOf } from "./possible";
import { SaveDialog } from "./save-dialog";

export interface ActionProps {
  job: Job;
  history: JobHistory | undefined;
  operations: readonly Operation[];
}

export interface DialogProps extends ActionProps {
  open: boolean;
  onClose: () => void;
}

const WORDS: Record<Action, string> = {
  checkpoint: "Save checkpoint",
  pause: "Pause",
  resume: "Go on",
  cancel: "Cancel …",
};

/** What an operator can ask of a job; whoever may not ask sees nothing of it. */
export function ActionBar(props: ActionProps) {
  const [open, setOpen] = useState<Action | "delete" | null>(null);
  const explained = useId();
  const dialog = (which: Action | "delete") => ({ ...props, open: open === which, onClose: () => setOpen(null) });
  if (!useSession().may("operator")) return null;
  if (isFinal(props.job)) {
    return (
      <>
        <Button kind="risky" onClick={() => setOpen("delete")}>
          Delete …
        </Button>
        <DeleteDialog {...dialog("delete")} />
      </>
    );
  }
  const offered = offers(props.job);
  const refused = offered.flatMap((action) => {
    const reason = refusalOf(action, props.job, props.operations);
    return reason === null ? [] : [{ action, reason }];
  });
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {offered.map((action) => (
          <Button
            key={action}
            kind={KINDS[action]}
            disabled={refused.some((one) => one.action === action)}
            aria-describedby={explained}
            onClick={() => setOpen(action)}
          >
            {WORDS[action]}
          </Button>
        ))}
      </div>
      <p id={explained} className="mt-1 text-sm text-soft empty:hidden">
        {refused.map(({ action, reason }) => `${WORDS[action]}: not now, ${reason}.`).join(" ")}
      </p>
      <SaveDialog {...dialog("checkpoint")} />
      <PauseDialog {...dialog("pause")} />
      <ResumeDialog {...dialog("resume")} />
      <CancelDialog {...dialog("cancel")} />
    </div>
  );
}

const KINDS: Partial<Record<Action, ButtonProps["kind"]>> = { checkpoint: "main", resume: "main", cancel: "risky" };

function offers(job: Job): Action[] {
  const run: Action = isPauseWished(job) || job.status === "paused" ? "resume" : "pause";
  return keepsCheckpoints(job) ? ["checkpoint", run, "cancel"] : [run, "cancel"];
}
