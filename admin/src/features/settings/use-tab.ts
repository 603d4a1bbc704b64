"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useCallback } from "react";

const TABS = ["desk", "doctor", "tokens", "you"] as const;
type TabName = (typeof TABS)[number];

/** The open part, kept in the address so that it can be linked to: `?tab=tokens`. */
export function useTab(): [TabName, (tab: string) => void] {
  const asked = useSearchParams().get("tab");
  const here = usePathname();
  const router = useRouter();
  const choose = useCallback((tab: string) => router.replace(`${here}?tab=${tab}`, { scroll: false }), [here, router]);
  return [TABS.find((tab) => tab === asked) ?? "desk", choose];
}
