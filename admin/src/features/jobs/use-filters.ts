"use client";

import { useCallback, useMemo } from "react";
import { useQueryState } from "@/lib/query-state";
import { changeOf, type Filters, filtersOf } from "./filters";

/** The filters of the address, and how to change them. */
export function useFilters(): [Filters, (changes: Partial<Filters>) => void] {
  const [query, set] = useQueryState();
  const filters = useMemo(() => filtersOf(query), [query]);
  const change = useCallback((changes: Partial<Filters>) => set(changeOf(changes)), [set]);
  return [filters, change];
}
