import type { Job } from "@mixdesk/client";
import { bytes, count, duration, figure } from "@/lib/format";

/** Where a job stands: `epoch 3 of 20, step 14 of 50`, `12 of 80 items`; empty where it counts nothing. */
export function positionInWords(job: Job): string {
  const { details } = job;
  const parts = [
    of("epoch", details.current_epoch, details.total_epochs),
    of("step", details.current_step, details.total_steps),
  ].filter((part) => part !== "");
  if (parts.length > 0) return parts.join(", ");
  if (details.bytes_done) return amount(details.bytes_done, details.bytes_total, bytes);
  if (details.items_done || details.items_total) {
    return `${amount(details.items_done ?? 0, details.items_total, count)} items`;
  }
  return "";
}

function of(noun: string, done: number | undefined, total: number | undefined): string {
  if (!done && !total) return "";
  return total ? `${noun} ${count(done)} of ${count(total)}` : `${noun} ${count(done)}`;
}

function amount(done: number, total: number | null | undefined, words: (value: number) => string): string {
  return total ? `${words(done)} of ${words(total)}` : words(done);
}

/** `4.2 steps/s`, or `1 step in 3 s` where it takes longer than a second; empty while unknown. */
export function speedInWords(stepsPerSecond: number | null): string {
  if (stepsPerSecond === null || stepsPerSecond <= 0) return "";
  return stepsPerSecond >= 1 ? `${rounded(stepsPerSecond)} steps/s` : `1 step in ${duration(1 / stepsPerSecond)}`;
}

const TEN = 10;

function rounded(value: number): string {
  return value < TEN ? value.toFixed(1) : figure(Math.round(value));
}

/** `training_rvc` as a person says it: `training rvc`. */
export function typeInWords(type: string): string {
  return type.replaceAll("_", " ");
}

/** What a job is called where it has no name. */
export function nameOf(job: Pick<Job, "name" | "job_id">): string {
  return job.name || job.job_id;
}

export function jobHref(id: string): string {
  return `/jobs/detail/?id=${encodeURIComponent(id)}`;
}

/** How long it took or has been taking, in seconds; null before it began. */
export function secondsOf(job: Job, now: number): number | null {
  if (job.started_at === null) return null;
  const end = job.completed_at === null ? now : Date.parse(job.completed_at);
  return Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}
