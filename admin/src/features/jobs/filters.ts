import { type Job, type ShownStatus, shownStatus } from "@mixdesk/client";
import { newestFirst } from "@/lib/newest-first";
import type { Change } from "@/lib/query-state";

/** What the list shows; the address holds it, so that a link can be pasted. */
export interface Filters {
  status: readonly string[];
  type: string;
  name: string;
  owner: string;
  /** `1h`, `24h`, `7d`, or a time. */
  since: string;
}

export const STATUSES: readonly ShownStatus[] = [
  "running",
  "paused",
  "finalizing",
  "starting",
  "queued",
  "lost",
  "succeeded",
  "failed",
  "canceled",
];
export const PERIODS: readonly (readonly [value: string, words: string])[] = [
  ["", "at any time"],
  ["1h", "in the last hour"],
  ["24h", "in the last 24 hours"],
  ["7d", "in the last 7 days"],
];

const HOUR_MS = 3_600_000;
const PERIOD = /^(\d{1,4})([hd])$/;
const HOURS = { h: 1, d: 24 };

export function filtersOf(query: { getAll: (name: string) => string[] }): Filters {
  const first = (name: string) => query.getAll(name)[0] ?? "";
  const status = query.getAll("status").flatMap((one) => one.split(","));
  return {
    status: [...new Set(status.filter((one) => one !== ""))],
    type: first("job_type") || first("type"),
    name: first("name"),
    owner: first("owner"),
    since: first("since"),
  };
}

/** What other filters change in the query of the address; an empty one leaves it. */
export function changeOf({ status, type, ...texts }: Partial<Filters>): Change {
  return {
    ...texts,
    status: status?.join(","),
    job_type: type,
    // the short name is read alone, so that it cannot stand against the long one
    type: type === undefined ? undefined : null,
  };
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value.length > 0);
}

/** The time since when, in milliseconds; null for any, or where it is no time. */
export function sinceOf(text: string, now: number): number | null {
  const [, amount, unit] = PERIOD.exec(text) ?? [];
  if (amount && (unit === "h" || unit === "d")) return now - Number(amount) * HOURS[unit] * HOUR_MS;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

export function matches(job: Job, filters: Filters, since: number | null): boolean {
  const { status, type, name, owner } = filters;
  if (status.length > 0 && !status.includes(shownStatus(job))) return false;
  if (type && job.job_type !== type) return false;
  if (owner && job.owner !== owner) return false;
  if (since !== null && Date.parse(job.created_at) < since) return false;
  if (!name) return true;
  const wanted = name.toLowerCase();
  return (job.name ?? "").toLowerCase().includes(wanted) || job.job_id.toLowerCase().startsWith(wanted);
}

const RANK: Record<ShownStatus, number> = {
  lost: 0,
  running: 0,
  finalizing: 0,
  starting: 0,
  paused: 1,
  queued: 2,
  succeeded: 3,
  failed: 3,
  canceled: 3,
};

/** What runs comes first, then what waits, then what is over; the newest first in each. */
export function inOrder(jobs: Iterable<Job>): Job[] {
  return [...jobs].sort((a, b) => RANK[shownStatus(a)] - RANK[shownStatus(b)] || byAge(a, b));
}

const byAge = newestFirst<Job>(({ job_id }) => job_id);

/** How many of each there are, for the choices of a filter. */
export function countBy(jobs: Iterable<Job>, of: (job: Job) => string | null): Map<string, number> {
  const found = new Map<string, number>();
  for (const job of jobs) {
    const value = of(job);
    if (value !== null) found.set(value, (found.get(value) ?? 0) + 1);
  }
  return found;
}
