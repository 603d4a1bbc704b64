"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

type Change = Readonly<Record<string, string | null>>;

/** The query of this page as state: what is chosen stays in the address, so that a link to it can be passed on. */
export function useQueryState(): [URLSearchParams, (change: Change) => void] {
  const query = useSearchParams();
  const set = useCallback((change: Change) => {
    const next = changed(new URLSearchParams(location.search), change).toString();
    history.replaceState(null, "", next ? `${location.pathname}?${next}` : location.pathname);
  }, []);
  return [new URLSearchParams(query.toString()), set];
}

/** The query with other values; an empty one, or null, is left out. */
export function changed(query: URLSearchParams, change: Change): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(change)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
