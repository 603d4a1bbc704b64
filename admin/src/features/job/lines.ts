import type { Job, JobHistory } from "@mixdesk/client";

/** One number over time, in milliseconds by the desk; null where it was no number (`NaN`). */
export interface Line {
  times: number[];
  values: (number | null)[];
}

export const EMPTY: Line = { times: [], values: [] };
const MOST_LIVE = 3600;

/** Adds a reading. One that is not newer than the last is left out, and the oldest of too many is let go. */
export function extended(line: Line, at: number, value: number | null): Line {
  if (at <= (line.times.at(-1) ?? Number.NEGATIVE_INFINITY)) return line;
  return { times: [...line.times, at].slice(-MOST_LIVE), values: [...line.values, value].slice(-MOST_LIVE) };
}

/** What the desk has of a number, and what has been heard since. */
export function joined(points: JobHistory["points"][string] | undefined, live: Line | undefined): Line {
  const known = (points ?? []).map(({ at, value }) => ({ at: Date.parse(at), value: finite(value) }));
  const end = known.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const since = (live?.times ?? []).flatMap((at, place) =>
    at > end ? [{ at, value: live?.values[place] ?? null }] : [],
  );
  const all = [...known, ...since];
  return { times: all.map(({ at }) => at), values: all.map(({ value }) => value) };
}

/** A number as it can be drawn. */
export function finite(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The names of the logged numbers, losses first. */
export function namesOf(job: Job, history: JobHistory | undefined): string[] {
  const names = new Set([...Object.keys(job.metrics), ...Object.keys(history?.points ?? {})]);
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(name: string): number {
  return /loss/i.test(name) ? 0 : 1;
}
