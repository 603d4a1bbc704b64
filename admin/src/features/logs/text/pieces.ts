import type { Run } from "./ansi";

/** Where a text was found. */
export interface Span {
  start: number;
  end: number;
}

export interface Piece {
  text: string;
  look: string;
  found: boolean;
}

/** A line cut where its look changes and where something was found in it. */
export function pieces(plain: string, runs: readonly Run[], found: readonly Span[]): Piece[] {
  if (runs.length === 0 && found.length === 0) return [{ text: plain, look: "", found: false }];
  const edges = new Set([0, plain.length]);
  for (const { start, end } of [...runs, ...found]) {
    if (start < plain.length) edges.add(start);
    if (end < plain.length) edges.add(end);
  }
  const cuts = [...edges].sort((a, b) => a - b);
  const made: Piece[] = [];
  let run = 0;
  let hit = 0;
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const start = cuts[index] ?? 0;
    while (run < runs.length && (runs[run]?.end ?? 0) <= start) run += 1;
    while (hit < found.length && (found[hit]?.end ?? 0) <= start) hit += 1;
    const look = runs[run];
    const span = found[hit];
    made.push({
      text: plain.slice(start, cuts[index + 1]),
      look: look !== undefined && look.start <= start ? look.look : "",
      found: span !== undefined && span.start <= start,
    });
  }
  return made;
}

const MOST_FOUND = 200;

/** Where a text stands in a line, whatever its case. */
export function spansOf(plain: string, needle: string): Span[] {
  if (needle === "") return [];
  const lower = plain.toLowerCase();
  // a few letters change their length with their case: their places would be wrong
  const [where, what] = lower.length === plain.length ? [lower, needle.toLowerCase()] : [plain, needle];
  const found: Span[] = [];
  for (
    let at = where.indexOf(what);
    at !== -1 && found.length < MOST_FOUND;
    at = where.indexOf(what, at + what.length)
  ) {
    found.push({ start: at, end: at + what.length });
  }
  return found;
}
