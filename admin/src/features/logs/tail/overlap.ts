import type { Level } from "../levels";

export interface Fresh {
  text: string;
  level: Level | null;
}

/**
 * After a broken connection the desk sends the last lines again: what of them is new. Null where nothing of them is
 * known, so that lines may be missing between what was there and these.
 *
 * Whole records need not be alike on both sides (one that was cut off then is complete now), so lines are compared.
 * Of several ways to lay them over each other the longest counts, and of these the one that shows no line twice.
 */
export function newOf(known: readonly string[], again: readonly Fresh[]): Fresh[] | null {
  if (known.length === 0) return [...again];
  const had = known.flatMap((text) => text.split("\n"));
  const sent: { line: string; of: number }[] = again.flatMap((one, of) =>
    one.text.split("\n").map((line) => ({ line, of })),
  );
  const end = overlapEnd(
    had,
    sent.map((one) => one.line),
  );
  if (end === 0) return null;
  return after(again, sent, end);
}

function overlapEnd(had: readonly string[], sent: readonly string[]): number {
  let best = 0;
  let longest = 0;
  for (let end = sent.length; end > 0 && Math.min(end, had.length) > longest; end -= 1) {
    const most = Math.min(end, had.length);
    let same = 0;
    while (same < most && had[had.length - 1 - same] === sent[end - 1 - same]) same += 1;
    if (same === most) {
      best = end;
      longest = same;
    }
  }
  return best;
}

function after(again: readonly Fresh[], sent: readonly { of: number; line: string }[], end: number): Fresh[] {
  const next = sent[end];
  if (next === undefined) return [];
  const begun = sent[end - 1]?.of === next.of;
  const rest = again.slice(begun ? next.of + 1 : next.of);
  if (!begun) return rest;
  const lines = sent.slice(end).filter((one) => one.of === next.of);
  return [{ text: lines.map((one) => one.line).join("\n"), level: again[next.of]?.level ?? null }, ...rest];
}
