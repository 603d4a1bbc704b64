"use client";

import { useCallback, useState } from "react";
import { withoutColours } from "../text/ansi";
import type { Rows } from "./use-rows";

export interface Selection {
  from: number;
  to: number;
}

/** A line, or all between two of them. */
export function useSelection() {
  const [selection, setSelection] = useState<Selection | null>(null);
  const select = useCallback((n: number, further: boolean) => {
    setSelection((before) => {
      if (further && before !== null) return { from: before.from, to: n };
      return before?.from === n && before.to === n ? null : { from: n, to: n };
    });
  }, []);
  const clear = useCallback(() => setSelection(null), []);
  return { selection, select, clear };
}

export function isSelected(selection: Selection | null, n: number): boolean {
  if (selection === null) return false;
  return n >= Math.min(selection.from, selection.to) && n <= Math.max(selection.from, selection.to);
}

/** The texts of what is selected, without colours. */
export function selectedTexts(rows: Rows, selection: Selection): string[] {
  const texts: string[] = [];
  const last = Math.max(selection.from, selection.to);
  for (let n = Math.min(selection.from, selection.to); n <= last; n += 1) {
    const row = rows.at(rows.indexOf(n));
    if (row?.kind === "record") texts.push(withoutColours(row.text));
  }
  return texts;
}
