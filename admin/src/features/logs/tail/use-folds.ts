"use client";

import { useCallback, useState } from "react";

export interface Folds {
  unfolded: (no: number) => boolean;
  all: boolean;
  setAll: (all: boolean) => void;
  turn: (no: number) => void;
}

/** Which records are unfolded: all or none, but for those that were turned by hand. */
export function useFolds(): Folds {
  const [{ all, turned }, set] = useState<{ all: boolean; turned: ReadonlySet<number> }>({
    all: false,
    turned: new Set(),
  });
  const turn = useCallback((no: number) => {
    set((before) => {
      const after = new Set(before.turned);
      if (!after.delete(no)) after.add(no);
      return { ...before, turned: after };
    });
  }, []);
  const setAll = useCallback((to: boolean) => set({ all: to, turned: new Set() }), []);
  const unfolded = useCallback((no: number) => all !== turned.has(no), [all, turned]);
  return { unfolded, all, setAll, turn };
}
