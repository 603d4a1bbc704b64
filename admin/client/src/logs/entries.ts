import type { LogSource } from "../types.ts";

export type LogLevel = "trace" | "debug" | "info" | "notice" | "warning" | "error" | "critical";

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
  | { readonly kind: "skipped"; readonly n: number; readonly count: number }
  | { readonly kind: "rotated"; readonly n: number; readonly how: string }
  | { readonly kind: "gone"; readonly n: number; readonly why: string }
  /** The stream was away here. `whole`: what it sent after that joins what was there, so nothing is missing. */
  | { readonly kind: "seam"; readonly n: number; readonly whole: boolean };

export type LogEntry = LogRecord | LogMark;

type WithoutNumber<T> = T extends unknown ? Omit<T, "n"> : never;
/** An entry that has no number yet. */
export type NewEntry = WithoutNumber<LogEntry>;

/** One frame of the stream: exactly one of these keys, but for `levels`, which comes with `lines`. */
export interface LogFrame {
  readonly source?: LogSource;
  readonly lines?: readonly string[];
  readonly levels?: readonly (LogLevel | null)[];
  readonly partial?: string;
  readonly live?: boolean;
  readonly skipped?: number;
  readonly rotated?: string;
  readonly gone?: string;
}

/** The entries that a frame adds. */
export function entriesOf(frame: LogFrame): NewEntry[] {
  if (frame.lines !== undefined) {
    const { levels = [] } = frame;
    return frame.lines.map((text, index) => ({ kind: "record", text, level: levels[index] ?? null }));
  }
  if (frame.skipped !== undefined) return [{ kind: "skipped", count: frame.skipped }];
  if (frame.rotated !== undefined) return [{ kind: "rotated", how: frame.rotated }];
  if (frame.gone !== undefined) return [{ kind: "gone", why: frame.gone }];
  return [];
}
