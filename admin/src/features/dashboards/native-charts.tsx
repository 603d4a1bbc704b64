"use client";

import { Disks } from "@/features/overview/disks";
import { HostAway, ReadingAge } from "@/features/overview/host-away";
import { HostCharts } from "@/features/overview/host-charts";
import { useHostReadings } from "@/features/overview/use-host";
import { Panel } from "@/ui/panel";
import { Stale } from "@/ui/stale";

const SPAN_MS = 600_000;

/** The desk's own figures of a host, for where Grafana is not: ten minutes, of which two are there at once. */
export function NativeCharts() {
  const { host, data, state } = useHostReadings();
  const last = data.at(-1);
  return (
    <Panel title={last?.host ?? host ?? "This host"} aside="the last 10 minutes, as far as this page has seen them">
      {last === undefined ? (
        <HostAway host={host} />
      ) : (
        <Stale state={state}>
          <ReadingAge at={last.timestamp} />
          <HostCharts readings={data} span={SPAN_MS}>
            <Disks of={last} />
          </HostCharts>
        </Stale>
      )}
    </Panel>
  );
}
