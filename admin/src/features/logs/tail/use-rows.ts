"use client";

import type { LogEntry, LogTail, LogTailView } from "@mixdesk/client";
import { useCallback, useEffect, useMemo, useState } from "react";

export interface Rows {
  /** The number of the first one. */
  readonly first: number;
  readonly length: number;
  at: (index: number) => LogEntry | undefined;
  /** Where the row of a number is; -1 where it is not. */
  indexOf: (n: number) => number;
}

export interface Shown {
  rows: Rows;
  following: boolean;
  /** Rows that came since the list stands still. */
  waiting: number;
  pause: () => void;
  follow: () => void;
}

/** The rows of a tail: as they come, or still while one reads. */
export function useRows(tail: LogTail, stands: LogTailView): Shown {
  const [still, setStill] = useState<readonly LogEntry[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another log begins at its end
  useEffect(() => setStill(null), [tail]);
  const pause = useCallback(() => setStill((before) => before ?? tail.ring.entries()), [tail]);
  const follow = useCallback(() => setStill(null), []);
  const rows = useMemo(() => (still === null ? liveRows(tail, stands) : stillRows(still)), [tail, stands, still]);
  const waiting = still === null ? 0 : Math.max(0, stands.end - (rows.first + rows.length));
  return { rows, following: still === null, waiting, pause, follow };
}

function liveRows({ ring }: LogTail, { first, end }: LogTailView): Rows {
  return rowsOf(first, end - first, (index) => ring.get(first + index));
}

export function stillRows(still: readonly LogEntry[]): Rows {
  return rowsOf(still[0]?.n ?? 1, still.length, (index) => still[index]);
}

function rowsOf(first: number, length: number, at: Rows["at"]): Rows {
  return { first, length, at, indexOf: (n) => (n >= first && n < first + length ? n - first : -1) };
}
