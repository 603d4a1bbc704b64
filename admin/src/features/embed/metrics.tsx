"use client";

import { useMetrics } from "@mixdesk/client/react";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { cn } from "@/lib/cn";
import { Waiting } from "@/ui/empty";
import { When } from "@/ui/time";
import { NotForOneJob } from "./bound";
import { EmbedFrame } from "./embed-frame";
import { GaugeTile } from "./gauge-tile";
import { gaugesOf } from "./gauges";
import { StaleNote } from "./stale-note";
import { waitingFor } from "./words";

/** `/ui/embed/metrics/[?host=]`: what a host and its GPUs do, with the last two minutes. */
export function EmbeddedMetrics() {
  return (
    <Suspense fallback={<Waiting>Connecting to the desk…</Waiting>}>
      <EmbedFrame title="Host">
        {(me) => (
          <NotForOneJob me={me} what="hosts">
            <Host />
          </NotForOneJob>
        )}
      </EmbedFrame>
    </Suspense>
  );
}

const SHOWN_MS = 120_000;

function Host() {
  const host = useSearchParams().get("host") ?? undefined;
  const { data, state } = useMetrics(host);
  const newest = data.at(-1);
  if (newest === undefined) return <Waiting>{waitingFor("figures of the host", state.reason)}</Waiting>;
  const since = Date.parse(newest.timestamp) - SHOWN_MS;
  const shown = data.filter((one) => Date.parse(one.timestamp) >= since);
  return (
    <>
      <StaleNote state={state} />
      <header className="mb-2 flex flex-wrap items-baseline justify-between gap-x-3">
        <h2 className="font-semibold">{newest.host}</h2>
        <p className="text-sm text-soft">
          read <When at={newest.timestamp} />
        </p>
      </header>
      <ul
        aria-label="Figures"
        className={cn(
          "grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] gap-2",
          state.phase !== "live" && "opacity-80",
        )}
      >
        {gaugesOf(shown).map((gauge) => (
          <GaugeTile key={gauge.key} gauge={gauge} />
        ))}
      </ul>
    </>
  );
}
