"use client";

import type { LogSource } from "@mixdesk/client";
import { useRef } from "react";
import { chosenOf } from "../use-logs";

/**
 * The log that is shown. What one reads stays: although another one has become the best, and although it is gone or
 * cannot be read any more, for then its last words are what one came for.
 */
export function useStay(service: string, sources: readonly LogSource[] | undefined, wish: string | null) {
  const before = useRef<LogSource | null>(null);
  if (sources === undefined) return undefined;
  const last = before.current;
  if (last?.service === service && last.readable && (wish === null || wish === last.id || wish === last.kind)) {
    const now = sources.find((one) => one.id === last.id);
    return now?.readable ? now : last;
  }
  const chosen = chosenOf(sources, wish);
  before.current = chosen ?? null;
  return chosen;
}
