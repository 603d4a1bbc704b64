"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";
import { type LogsAddress, readAddress, writeAddress } from "./address";

export type ChangeAddress = (part: Partial<LogsAddress>, how?: "push" | "replace") => void;

/** What the address says, and how to change it: what is typed replaces it, where one goes is a step back in history. */
export function useAddress(): [LogsAddress, ChangeAddress] {
  const query = useSearchParams();
  const address = useMemo(() => readAddress(new URLSearchParams(query)), [query]);
  const change = useCallback<ChangeAddress>((part, how = "replace") => {
    const now = readAddress(new URLSearchParams(location.search));
    const url = location.pathname + writeAddress({ ...now, ...part });
    if (how === "push") history.pushState(null, "", url);
    else history.replaceState(null, "", url);
  }, []);
  return [address, change];
}
