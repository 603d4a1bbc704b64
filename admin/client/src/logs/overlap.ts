/**
 * How many of the first `after` were there `before`: up to where both tell the same, as far back as both go.
 *
 * A log has no numbers to go on from: after a break the desk sends the last lines again, and where they join what was
 * there says which of them are new. Linear in both.
 */
export function known(before: readonly string[], after: readonly string[]): number {
  return lastEnd(before.slice(-after.length), after) ?? overlap(before, after);
}

/** The longest run that ends `before` and begins `after`. */
export function overlap(before: readonly string[], after: readonly string[]): number {
  const most = Math.min(before.length, after.length);
  if (most === 0) return 0;
  const begin = after.slice(0, most);
  const next = stepper(begin);
  let run = 0;
  for (const text of before.slice(-most)) run = next(run, text);
  return run;
}

/** Where in `texts` the last whole occurrence of `part` ends; undefined where there is none. */
function lastEnd(part: readonly string[], texts: readonly string[]): number | undefined {
  if (part.length === 0) return undefined;
  const next = stepper(part);
  let run = 0;
  let end: number | undefined;
  texts.forEach((text, at) => {
    run = next(run, text);
    if (run === part.length) end = at + 1;
  });
  return end;
}

/** Knuth, Morris and Pratt: how much of `part` is matched after one text more, where `run` of it was before. */
function stepper(part: readonly string[]): (run: number, text: string) => number {
  const fallback = new Array<number>(part.length).fill(0);
  const next = (run: number, text: string): number => {
    let at = run;
    while (at > 0 && part[at] !== text) at = fallback[at - 1] ?? 0;
    return part[at] === text ? at + 1 : 0;
  };
  for (let at = 1; at < part.length; at += 1) fallback[at] = next(fallback[at - 1] ?? 0, part[at] ?? "");
  return next;
}
