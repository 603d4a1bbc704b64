"use client";

import type { SystemMetrics } from "@mixdesk/client";
import { Panel } from "@/ui/panel";
import { Stale } from "@/ui/stale";
import { Disks } from "./disks";
import { HostAway, ReadingAge } from "./host-away";
import { HostCharts } from "./host-charts";
import { useHostReadings } from "./use-host";

/** What a host does now, once a second, with the two minutes before. */
export function HostPanel() {
  const { host, data, state } = useHostReadings();
  const last = data.at(-1);
  return (
    <Panel
      title={last?.host ?? host ?? "This host"}
      aside={last && `${last.hosts.length > 1 ? "one of several hosts, " : ""}once a second`}
    >
      {last === undefined ? <HostAway host={host} /> : <Figures state={state} readings={data} last={last} />}
    </Panel>
  );
}

interface FiguresProps {
  state: Parameters<typeof Stale>[0]["state"];
  readings: readonly SystemMetrics[];
  last: SystemMetrics;
}

function Figures({ state, readings, last }: FiguresProps) {
  return (
    <Stale state={state}>
      <ReadingAge at={last.timestamp} />
      <HostCharts readings={readings}>
        <Disks of={last} />
      </HostCharts>
      {last.gpus.length === 0 && <p className="mt-4 text-sm text-soft">No GPU was found on this host.</p>}
    </Stale>
  );
}
