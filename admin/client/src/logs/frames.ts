import type { LogSource } from "../types.ts";

/** From the least to the worst. */
export const LOG_LEVELS = ["trace", "debug", "info", "notice", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

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

/** What came as a frame, checked. Of a kind that is not known yet nothing is left: it adds nothing. */
export function readFrame(came: unknown): LogFrame {
  if (typeof came !== "object" || came === null) return {};
  const said = came as Readonly<Record<string, unknown>>;
  if (Array.isArray(said.lines)) return { lines: said.lines.map(String), levels: levelsIn(said.levels) };
  if (typeof said.partial === "string") return { partial: said.partial };
  if (said.live === true) return { live: true };
  if (typeof said.skipped === "number") return { skipped: said.skipped };
  if (typeof said.rotated === "string") return { rotated: said.rotated };
  if (typeof said.gone === "string") return { gone: said.gone };
  if (isSource(said.source)) return { source: said.source };
  return {};
}

export function isLogLevel(said: unknown): said is LogLevel {
  return LOG_LEVELS.some((level) => level === said);
}

function levelsIn(said: unknown): (LogLevel | null)[] {
  return Array.isArray(said) ? said.map((level: unknown) => (isLogLevel(level) ? level : null)) : [];
}

function isSource(said: unknown): said is LogSource {
  return typeof said === "object" && said !== null && "id" in said && "service" in said;
}
