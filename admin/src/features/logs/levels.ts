import type { LogLevel } from "@mixdesk/client";

export { isLogLevel as isLevel } from "@mixdesk/client";

export type Level = LogLevel;

/** The levels that one asks for: this one and worse ones. */
export const ASKED_LEVELS = ["debug", "info", "warning", "error", "critical"] as const satisfies readonly Level[];

interface Look {
  /** At most five letters: they stand in a column of their own. */
  word: string;
  text: string;
  edge: string;
}

const LOOKS: Record<Level, Look> = {
  trace: { word: "trace", text: "text-soft", edge: "border-transparent" },
  debug: { word: "debug", text: "text-soft", edge: "border-transparent" },
  info: { word: "info", text: "text-accent", edge: "border-transparent" },
  notice: { word: "note", text: "text-accent", edge: "border-accent" },
  warning: { word: "warn", text: "text-warn", edge: "border-warn" },
  error: { word: "error", text: "text-bad", edge: "border-bad" },
  critical: { word: "crit", text: "text-bad font-bold", edge: "border-bad" },
};

const NONE: Look = { word: "", text: "text-soft", edge: "border-transparent" };

export function lookOf(level: Level | null): Look {
  return level === null ? NONE : LOOKS[level];
}
