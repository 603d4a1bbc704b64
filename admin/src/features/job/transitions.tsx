"use client";

import type { JobHistory } from "@mixdesk/client";
import { Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";

/** What became of the job, newest first, each with its reason. */
export function Transitions({ history }: { history: JobHistory | undefined }) {
  if (history === undefined) return <Waiting>Fetching its history …</Waiting>;
  return (
    <Panel title="What happened">
      <ol className="space-y-2 text-sm">
        {[...history.transitions].reverse().map((one, place) => (
          <li key={`${one.at} ${one.after} ${place}`} className="flex flex-wrap items-baseline gap-x-3">
            <When at={one.at} className="w-24 shrink-0 text-soft" />
            <Status of={one.after} />
            {one.reason && <span className="min-w-0 wrap-anywhere text-soft">{one.reason}</span>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
