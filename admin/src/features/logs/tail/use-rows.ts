"use client";

import { useCallback, useEffect, useMemo, useState } from "react";
import type { Row } from "./ring";
import type { Tail } from "./tail";

export interface Rows {
  readonly length: number;
  at: (index: number) => Row | undefined;
  indexOf: (no: number) => number;
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
export function useRows(tail: Tail, version: number): Shown {
  const [still, setStill] = useState<readonly Row[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another log begins at its end
  useEffect(() => setStill(null), [tail]);
  const pause = useCallback(() => setStill((before) => before ?? tail.ring.frozen()), [tail]);
  const follow = useCallback(() => setStill(null), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ring changes in place, and the version says so
  const rows = useMemo<Rows>(() => (still === null ? live(tail) : frozen(still)), [tail, version, still]);
  const waiting = still === null ? 0 : tail.ring.last - (still.at(-1)?.no ?? 0);
  return { rows, following: still === null, waiting, pause, follow };
}

function live({ ring }: Tail): Rows {
  return { length: ring.length, at: (index) => ring.at(index), indexOf: (no) => ring.indexOf(no) };
}

function frozen(still: readonly Row[]): Rows {
  const first = still[0]?.no ?? 0;
  return {
    length: still.length,
    at: (index) => still[index],
    indexOf: (no) => (no >= first && no < first + still.length ? no - first : -1),
  };
}
