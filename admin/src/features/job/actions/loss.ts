import type { Job, JobHistory } from "@mixdesk/client";
import { count, duration } from "@/lib/format";

/** What a cancel without saving would throw away. */
export interface Loss {
  seconds: number;
  /** Where the run would have to go on from: `epoch 3, step 12 000`; null where nothing was saved. */
  since: string | null;
}

type Transitions = JobHistory["transitions"];
type Checkpoints = Job["checkpoints"];

/** From this much on, a cancel without saving has to be typed. */
const DEAR_S = 600;
const SECOND = 1000;

/** The work since the newest checkpoint, or since the beginning, without its pauses; null before it has begun. */
export function lossOf(job: Job, transitions: Transitions, now: number): Loss | null {
  const saved = newestOf(job.checkpoints);
  const from = saved?.saved_at ?? job.started_at;
  if (from === null || from === undefined) return null;
  const begin = Date.parse(from);
  const seconds = Math.max(0, now - begin - paused(transitions, begin, now)) / SECOND;
  return { seconds, since: saved ? `epoch ${count(saved.epoch)}, step ${count(saved.step)}` : null };
}

export function newestOf(checkpoints: Checkpoints): Checkpoints[number] | undefined {
  return [...checkpoints].sort((a, b) => Date.parse(b.saved_at ?? "") - Date.parse(a.saved_at ?? ""))[0];
}

/** Milliseconds of pauses between two times. */
export function paused(transitions: Transitions, from: number, to: number): number {
  let sum = 0;
  let since: number | null = null;
  for (const { at, after } of transitions) {
    const time = Date.parse(at);
    if (after === "paused") since ??= time;
    else if (since !== null && after !== "lost") {
      sum += overlap(since, time, from, to);
      since = null;
    }
  }
  return since === null ? sum : sum + overlap(since, to, from, to);
}

function overlap(begin: number, end: number, from: number, to: number): number {
  return Math.max(0, Math.min(end, to) - Math.max(begin, from));
}

export function isDear(loss: Loss | null): boolean {
  return loss !== null && loss.seconds > DEAR_S;
}

/** `loses 37 min of work since epoch 3, step 12 000`. */
export function lossInWords(loss: Loss | null): string {
  if (loss === null) return "loses nothing: it has not begun";
  if (loss.since === null) return `loses all of its ${duration(loss.seconds)} of work: nothing was saved yet`;
  return `loses ${duration(loss.seconds)} of work since ${loss.since}`;
}

/** How long saving took in this run so far, in seconds: the middle one; null where nothing was saved. */
export function saveSeconds(checkpoints: JobHistory["checkpoints"]): number | null {
  const times = checkpoints
    .flatMap(({ started_at, saved_at }) =>
      started_at && saved_at ? [(Date.parse(saved_at) - Date.parse(started_at)) / SECOND] : [],
    )
    .filter((seconds) => seconds >= 0)
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? null;
}
