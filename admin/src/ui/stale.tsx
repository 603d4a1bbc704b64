"use client";

import type { StreamState } from "@mixdesk/client";
import { useDesk, useNow } from "@mixdesk/client/react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/format";

/** Whether what a stream showed last may be old by now. */
function isStale(state: StreamState): boolean {
  return state.phase !== "live" && state.phase !== "connecting";
}

/** Dims what it holds while the stream behind it is away, and says since when. */
export function Stale({ state, className, children }: { state: StreamState; className?: string; children: ReactNode }) {
  const stale = isStale(state);
  return (
    <div className={className}>
      {stale && <StaleSince state={state} className="mb-2" />}
      <div className={cn("transition-opacity", stale && "opacity-70")}>{children}</div>
    </div>
  );
}

/** `stale for 7 s`: the words alone. */
export function StaleSince({ state, className }: { state: StreamState; className?: string }) {
  const { clock } = useDesk();
  const now = useNow();
  // a state counts by the browser's clock, as does its age here
  const seconds = (now - clock.offset - state.since) / 1000;
  return (
    <p className={cn("text-sm font-medium text-warn", className)}>
      <span aria-hidden="true">◌ </span>
      {state.phase === "ended" ? (state.reason ?? "ended") : `stale for ${duration(Math.max(1, seconds))}`}
    </p>
  );
}
