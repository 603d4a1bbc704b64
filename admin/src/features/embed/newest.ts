import { isFinal, type Job } from "@mixdesk/client";

/** Jobs that have not ended first, then the newest. */
export function newestFirst(jobs: readonly Job[]): Job[] {
  return [...jobs].sort(
    (one, other) => Number(isFinal(one)) - Number(isFinal(other)) || other.created_at.localeCompare(one.created_at),
  );
}
