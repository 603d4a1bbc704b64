import type { Job, JobHistory } from "@mixdesk/client";

export type Saved = Job["checkpoints"][number];

/** All files of a job, newest first: those of its history, and those that came since. */
export function checkpointsOf(job: Pick<Job, "checkpoints">, history: JobHistory | undefined): Saved[] {
  const found = new Map<string, Saved>();
  for (const one of [...(history?.checkpoints ?? []), ...job.checkpoints]) found.set(one.path, one);
  return [...found.values()].sort((a, b) => time(b) - time(a) || b.step - a.step);
}

function time(one: Saved): number {
  return one.saved_at === null ? 0 : Date.parse(one.saved_at);
}
