import type { Job } from "@mixdesk/client";
import { isFinal } from "@mixdesk/client";
import { duration } from "@/lib/format";

/** When a job will be done, as of `now`; or why nobody can say. Times are milliseconds by the desk. */
export type Eta =
  | { known: true; left: number; at: number; low: number | null; high: number | null }
  | { known: false; why: string };

const SECOND = 1000;

/** Counts the desk's ETA down from the report that it belongs to. */
export function etaOf(job: Job, now: number): Eta {
  if (isFinal(job)) return { known: false, why: "" };
  if (job.lost) return { known: false, why: "unknown while the trainer is not heard" };
  if (job.status === "queued") return { known: false, why: "once a trainer has taken it up" };
  if (job.status === "paused") return { known: false, why: "once it goes on" };
  if (job.eta_seconds === null) return { known: false, why: "after the first steps" };
  const since = job.last_report_at === null ? 0 : Math.max(0, (now - Date.parse(job.last_report_at)) / SECOND);
  const left = Math.max(0, job.eta_seconds - since);
  return {
    known: true,
    left,
    at: now + left * SECOND,
    low: remaining(job.eta_low_seconds, since),
    high: remaining(job.eta_high_seconds, since),
  };
}

function remaining(seconds: number | null, since: number): number | null {
  return seconds === null ? null : Math.max(0, seconds - since);
}

/** `12 to 15 min left`, or `about 12 min left` where no range is known. */
export function leftInWords(eta: Extract<Eta, { known: true }>): string {
  if (eta.left < 1) return "any moment";
  if (eta.low === null || eta.high === null) return `about ${duration(eta.left)} left`;
  const [low, high] = [duration(eta.low), duration(eta.high)];
  if (low === high) return `about ${high} left`;
  const [lowNumber, lowUnit] = split(low);
  const [, highUnit] = split(high);
  return lowUnit === highUnit ? `${lowNumber} to ${high} left` : `${low} to ${high} left`;
}

function split(words: string): [string, string] {
  const space = words.lastIndexOf(" ");
  return [words.slice(0, space), words.slice(space + 1)];
}

/** `14:32` today, `Wed 14:32` within a week, `12 Dec 14:32` later: in this browser's zone. */
export function clockTime(at: number, now: number, zone?: string): string {
  const when = new Date(at);
  const time = format(when, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone);
  const day: Intl.DateTimeFormatOptions = { year: "numeric", month: "2-digit", day: "2-digit" };
  if (format(when, day, zone) === format(new Date(now), day, zone)) return time;
  if (at - now < WEEK && at > now) return `${format(when, { weekday: "short" }, zone)} ${time}`;
  return `${format(when, { day: "numeric", month: "short" }, zone)} ${time}`;
}

const WEEK = 6 * 86_400 * SECOND;

function format(at: Date, options: Intl.DateTimeFormatOptions, zone?: string): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, ...(zone ? { timeZone: zone } : {}) }).format(at);
}
