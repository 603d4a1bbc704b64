"use client";

import type { LogTail } from "@mixdesk/client";
import { useEffect, useMemo, useState } from "react";
import type { Rows } from "../tail/use-rows";
import { Finder, neighbour } from "./finder";

export interface Find {
  found: readonly number[];
  here: number | null;
  /** Which of those found it stands at, from 1; 0 where at none. */
  place: number;
  step: (by: 1 | -1) => number | null;
  stand: (n: number | null) => void;
}

/** A text among the rows that are there, and a walk from one to the next. */
export function useFind(tail: LogTail, rows: Rows, needle: string): Find {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was found in one log says nothing of another
  const finder = useMemo(() => new Finder(needle), [needle, tail]);
  const found = useMemo(() => finder.look(rows), [finder, rows]);
  const [here, setHere] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins anew
  useEffect(() => setHere(null), [finder]);
  return {
    found,
    here,
    place: here === null ? 0 : found.indexOf(here) + 1,
    stand: setHere,
    step: (by) => {
      const next = neighbour(found, here, by);
      setHere(next);
      return next;
    },
  };
}
