"use client";

import { useCallback, useState } from "react";

export interface Folds {
  unfolded: (n: number) => boolean;
  all: boolean;
  setAll: (all: boolean) => void;
  turn: (n: number) => void;
}

/** Which records are unfolded: all or none, but for those that were turned by hand. */
export function useFolds(): Folds {
  const [{ all, turned }, set] = useState<{ all: boolean; turned: ReadonlySet<number> }>({
    all: false,
    turned: new Set(),
  });
  const turn = useCallback((n: number) => {
    set((before) => {
      const after = new Set(before.turned);
      if (!after.delete(n)) after.add(n);
      return { ...before, turned: after };
    });
  }, []);
  const setAll = useCallback((to: boolean) => set({ all: to, turned: new Set() }), []);
  const unfolded = useCallback((n: number) => all !== turned.has(n), [all, turned]);
  return { unfolded, all, setAll, turn };
}
