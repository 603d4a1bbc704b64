import type { LogFrame, LogLevel } from "./frames.ts";

/** One record as the desk sent it; one of several lines has `\n` in it. */
export interface LogRecord {
  readonly kind: "record";
  /** Its running number in this tail, from 1: it stays, whatever is let go before it. */
  readonly n: number;
  readonly text: string;
  /** Null where the text says nothing of its level. */
  readonly level: LogLevel | null;
}

/** What happened between two records, at its place. */
export type LogMark =
  /** `early`: of what was there already, when the tail began. Else they came faster than the reader took them. */
  | { readonly kind: "skipped"; readonly n: number; readonly count: number; readonly early: boolean }
  | { readonly kind: "rotated"; readonly n: number; readonly how: string }
  | { readonly kind: "gone"; readonly n: number; readonly why: string }
  /** The stream was away here. `whole`: what it sent after that joins what was there, so nothing is missing. */
  | { readonly kind: "seam"; readonly n: number; readonly whole: boolean };

export type LogEntry = LogRecord | LogMark;

type WithoutNumber<T> = T extends unknown ? Omit<T, "n"> : never;
/** An entry that has no number yet. */
export type NewEntry = WithoutNumber<LogEntry>;

/** The entries that a frame adds; `early` as long as the desk has not said that all of what was there is sent. */
export function entriesOf(frame: LogFrame, early = false): NewEntry[] {
  if (frame.lines !== undefined) {
    const { levels = [] } = frame;
    return frame.lines.map((text, index) => ({ kind: "record", text, level: levels[index] ?? null }));
  }
  if (frame.skipped !== undefined) return [{ kind: "skipped", count: frame.skipped, early }];
  if (frame.rotated !== undefined) return [{ kind: "rotated", how: frame.rotated }];
  if (frame.gone !== undefined) return [{ kind: "gone", why: frame.gone }];
  return [];
}

/** Whether an entry says only again what the one before it said. Of skipped lines each count is one of its own. */
export function isRepeated(before: LogEntry | undefined, entry: NewEntry): boolean {
  if (entry.kind === "gone") return before?.kind === "gone" && before.why === entry.why;
  if (entry.kind === "seam") return before?.kind === "seam" && before.whole === entry.whole;
  return entry.kind === "rotated" && before?.kind === "rotated" && before.how === entry.how;
}
