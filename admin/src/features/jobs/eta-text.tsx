"use client";

import type { Job } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { exact } from "@/ui/time";
import { clockTime, etaOf, leftInWords } from "./eta";

/** `done about 14:32, 12 to 15 min left`, counting down by the desk's clock; or when it will be known. */
export function EtaText({ job }: { job: Job }) {
  const now = useNow();
  const eta = etaOf(job, now);
  if (!eta.known) return eta.why ? <span className="text-soft">time left: {eta.why}</span> : null;
  return (
    <span title={`about ${exact(new Date(eta.at).toISOString())}`}>
      done about <time dateTime={new Date(eta.at).toISOString()}>{clockTime(eta.at, now)}</time>, {leftInWords(eta)}
    </span>
  );
}
