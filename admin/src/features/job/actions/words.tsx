"use client";

import type { Job, JobHistory } from "@mixdesk/client";
import { duration } from "@/lib/format";
import { When } from "@/ui/time";
import { saveSeconds } from "./loss";

/** Of a lost job: nothing happens before it is heard again. */
export function IfLost({ job }: { job: Job }) {
  if (!job.lost) return null;
  return (
    <p className="text-warn">
      Its trainer was last heard <When at={job.last_report_at} />. The request is kept, and obeyed when it reports
      again.
    </p>
  );
}

export function SaveTime({ history }: { history: JobHistory | undefined }) {
  const seconds = history === undefined ? null : saveSeconds(history.checkpoints);
  if (seconds === null) return <>This run has not saved yet, so nobody can say how long it takes.</>;
  return <>Saving took {duration(seconds)} in this run so far.</>;
}
