import type { Job } from "@mixdesk/client";

/**
 * When the desk takes a lost job as failed, in milliseconds, by `jobs.lost_fail_s`; null where that is not known, or
 * nothing was ever heard of the job.
 */
export function givesUpAt(job: Pick<Job, "last_report_at">, afterSeconds: number | null): number | null {
  if (job.last_report_at === null || afterSeconds === null) return null;
  return Date.parse(job.last_report_at) + afterSeconds * 1000;
}
