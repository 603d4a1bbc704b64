"use client";

import { useSearchParams } from "next/navigation";
import { useMemo } from "react";
import { type BoardView, viewOf } from "./boards";

/** What the address asks for, and how to change it. */
export function useBoardView(): [BoardView, (name: string, value: string) => void] {
  const query = useSearchParams();
  const view = useMemo(() => viewOf(new URLSearchParams(query)), [query]);
  return [view, changeAddress];
}

function changeAddress(name: string, value: string): void {
  const query = new URLSearchParams(window.location.search);
  if (value === "") query.delete(name);
  else query.set(name, value);
  window.history.replaceState(null, "", `?${query}`);
}
