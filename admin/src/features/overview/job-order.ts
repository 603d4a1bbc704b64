import { isFinal, type Job, type ShownStatus, shownStatus } from "@mixdesk/client";

const ORDER: readonly ShownStatus[] = ["running", "finalizing", "starting", "paused", "lost", "queued"];

/** Those that have not ended: what moves first, then by age, the newest first. */
export function activeJobs(jobs: Iterable<Job>): Job[] {
  return [...jobs]
    .filter((job) => !isFinal(job))
    .sort((one, other) => rank(one) - rank(other) || other.created_at.localeCompare(one.created_at));
}

function rank(job: Job): number {
  const at = ORDER.indexOf(shownStatus(job));
  return at < 0 ? ORDER.length : at;
}

/** Those that ended last, the newest first. */
export function endedJobs(jobs: Iterable<Job>, most: number): Job[] {
  return [...jobs]
    .filter(isFinal)
    .sort((one, other) => endOf(other).localeCompare(endOf(one)))
    .slice(0, most);
}

function endOf(job: Job): string {
  return job.completed_at ?? job.created_at;
}
