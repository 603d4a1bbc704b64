"use client";

import { useCallback, useMemo } from "react";
import { useQueryState } from "@/lib/query-state";
import { type BoardView, viewOf } from "./boards";

/** What the address asks for, and how to change it. */
export function useBoardView(): [BoardView, (name: string, value: string) => void] {
  const [query, set] = useQueryState();
  const view = useMemo(() => viewOf(query), [query]);
  const change = useCallback((name: string, value: string) => set({ [name]: value }), [set]);
  return [view, change];
}
