"use client";

import { useCallback } from "react";
import { useQueryState } from "@/lib/query-state";

const TABS = ["desk", "doctor", "tokens", "you"] as const;
type TabName = (typeof TABS)[number];

/** The open part, kept in the address so that it can be linked to: `?tab=tokens`. */
export function useTab(): [TabName, (tab: string) => void] {
  const [query, set] = useQueryState();
  const asked = query.get("tab");
  const choose = useCallback((tab: string) => set({ tab }), [set]);
  return [TABS.find((tab) => tab === asked) ?? "desk", choose];
}
