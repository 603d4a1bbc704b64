import { isFinal, type Job, type Operation } from "@mixdesk/client";
import { isOpen } from "@/features/operations/course";

export type Action = "checkpoint" | "pause" | "resume" | "cancel";

/** Whether the run has been asked to end, and has not yet. */
export function isEnding(job: Job, operations: readonly Operation[]): boolean {
  if (isFinal(job)) return false;
  return job.desired.run.state === "canceled" || operations.some((one) => isOpen(one) && endsTheRun(one));
}

function endsTheRun(operation: Operation): boolean {
  return operation.action === "cancel" || (operation.action === "checkpoint" && operation.params.then === "cancel");
}

/** Whether a pause is wished, be it obeyed already or not. */
export function isPauseWished(job: Job): boolean {
  return job.desired.run.state === "paused";
}

/** Whether this kind of job keeps checkpoints at all. */
export function keepsCheckpoints(job: Job): boolean {
  return job.details.checkpoint_status !== undefined;
}

/** Why the desk would refuse it now; null where it would not. */
export function refusalOf(action: Action, job: Job, operations: readonly Operation[]): string | null {
  if (isFinal(job)) return `the job has ended (${job.status})`;
  if (job.status === "queued" && (action === "checkpoint" || action === "pause")) {
    return "it is queued, no trainer has taken it up yet";
  }
  if ((action === "pause" || action === "resume") && isEnding(job, operations)) return "a cancel is pending";
  return null;
}
