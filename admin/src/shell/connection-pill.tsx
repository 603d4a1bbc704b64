"use client";

import type { StreamState } from "@mixdesk/client";
import { useDesk, useJobs, useNow } from "@mixdesk/client/react";
import { useEffect } from "react";
import { cn } from "@/lib/cn";
import { duration } from "@/lib/format";
import { type Connected, connected } from "./connection";
import { useSession } from "./session";

const SIGNS = { good: "●", warn: "◌", bad: "▲" } as const;
const COLOURS = { good: "text-good", warn: "text-warn", bad: "text-bad" } as const;
const PHASES: Record<StreamState["phase"], string> = {
  connecting: "Connecting to the desk",
  live: "Connected to the desk",
  reconnecting: "The connection to the desk is lost. What is shown is stale",
  ended: "The connection to the desk has ended",
};

function useConnected(): Connected & { phase: StreamState["phase"] } {
  const { clock } = useDesk();
  const { state } = useJobs();
  // both by the browser's clock, so that their difference is right
  return { ...connected(state, useNow() - clock.offset), phase: state.phase };
}

/** Live, stale or lost: a sign, words and a colour. Screen readers hear the changes, not each second. */
export function ConnectionPill() {
  const { tone, words, phase } = useConnected();
  const { again } = useSession();
  useEffect(() => {
    // a stream ends where the right to it has ended: who one is now says whether to sign in anew
    if (phase === "ended") void again();
  }, [phase, again]);
  return (
    <span className={cn("flex min-w-0 items-center gap-1.5 text-sm font-medium", COLOURS[tone])}>
      <span role="status" className="sr-only">
        {PHASES[phase]}
      </span>
      <span aria-hidden="true">{SIGNS[tone]}</span>
      <span aria-hidden="true" className="truncate" data-connection={phase}>
        {words}
      </span>
    </span>
  );
}

/** A line over the page while the desk is away for more than a moment. */
export function AwayBanner() {
  const { tone, staleS, phase } = useConnected();
  if (tone !== "bad" || staleS === null || phase === "ended") return null;
  return (
    <p className="mb-4 rounded-xl border border-warn bg-card px-4 py-2.5 text-sm">
      <strong className="font-semibold text-warn">The desk does not answer.</strong> What stands here is{" "}
      {duration(staleS)} old. It goes on by itself once the desk is back; there is no need to reload.
    </p>
  );
}
