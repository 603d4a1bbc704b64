import type { NewEntry } from "./entries.ts";
import { known } from "./overlap.ts";
import type { LogRing } from "./ring.ts";

export interface Rejoined {
  /** Whether what came again meets what was there, so that nothing is missing between them. */
  readonly whole: boolean;
  readonly fresh: readonly NewEntry[];
}

/**
 * After a break: which of the entries that the desk sends again are new.
 *
 * Compared are lines, not records: a record that was cut off by the break comes whole now, and what begins with it may
 * have been a part of a longer one. Of a record whose first lines are known the others are new.
 */
export function rejoin(before: Pick<LogRing, "newestTexts">, again: readonly NewEntry[]): Rejoined {
  const sent = linesOf(again.flatMap((entry) => (entry.kind === "record" ? [entry.text] : [])));
  let there = known(linesOf(before.newestTexts(sent.length)), sent);
  if (there === 0) return { whole: false, fresh: again };
  const fresh: NewEntry[] = [];
  for (const entry of again) {
    if (entry.kind !== "record") {
      if (there === 0) fresh.push(entry);
      continue;
    }
    const lines = entry.text.split("\n");
    if (there === 0) fresh.push(entry);
    else if (there < lines.length) fresh.push({ ...entry, text: lines.slice(there).join("\n") });
    there = Math.max(0, there - lines.length);
  }
  return { whole: true, fresh };
}

function linesOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split("\n"));
}
