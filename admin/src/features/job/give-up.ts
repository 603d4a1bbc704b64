import type { Job } from "@mixdesk/client";

/** `jobs.lost_fail_s` unless it is set otherwise. */
const USUAL_S = 600;

/** When the desk takes a lost job as failed, in milliseconds; null where nothing was ever heard of it. */
export function givesUpAt(job: Pick<Job, "last_report_at">, afterSeconds: number | null): number | null {
  if (job.last_report_at === null) return null;
  return Date.parse(job.last_report_at) + (afterSeconds ?? USUAL_S) * 1000;
}
