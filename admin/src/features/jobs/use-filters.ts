"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type Filters, filtersOf, queryOf } from "./filters";

/** The filters of the address, and how to change them: without a new entry in the history for each letter. */
export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const query = useSearchParams();
  const filters = useMemo(() => filtersOf(query), [query]);
  const change = useCallback((changes: Partial<Filters>) => {
    const now = filtersOf(new URLSearchParams(window.location.search));
    const text = queryOf({ ...now, ...changes });
    window.history.replaceState(null, "", text ? `?${text}` : window.location.pathname);
  }, []);
  return [filters, change];
}
