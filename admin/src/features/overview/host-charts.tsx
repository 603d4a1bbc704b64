"use client";

import type { SystemMetrics } from "@mixdesk/client";
import { type ReactNode, useMemo } from "react";
import { bytes } from "@/lib/format";
import { BYTE_RATE, BYTES, Chart, PERCENT } from "@/ui/chart";
import { type GpuSeries, hostSeries } from "./host-series";

const SPAN_MS = 120_000;

interface HostChartsProps {
  readings: readonly SystemMetrics[];
  /** Milliseconds that are shown. */
  span?: number;
  /** What stands among them, before the GPUs. */
  children?: ReactNode;
}

/** CPU, memory and network of a host, then two charts a GPU. */
export function HostCharts({ readings, span = SPAN_MS, children }: HostChartsProps) {
  const host = useMemo(() => hostSeries(readings), [readings]);
  const last = readings.at(-1);
  const memoryTotal = last?.memory.total_bytes;
  const memoryUnit = useMemo(() => ({ ...BYTES, most: memoryTotal }), [memoryTotal]);
  const { times } = host;
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-5 sm:grid-cols-2 2xl:grid-cols-3">
      <Chart
        title="CPU"
        times={times}
        series={[{ name: "CPU", values: host.cpu }]}
        unit={PERCENT}
        span={span}
        note={last && `load ${last.cpu.load_avg[0]?.toFixed(1)}, ${last.cpu.cores.length} cores`}
      />
      <Chart
        title="Memory"
        times={times}
        series={[{ name: "Memory", values: host.memory }]}
        unit={memoryUnit}
        span={span}
        note={`of ${bytes(memoryTotal)}`}
      />
      <Chart
        title="Network"
        times={times}
        series={[
          { name: "in", values: host.received },
          { name: "out", values: host.sent },
        ]}
        unit={BYTE_RATE}
        span={span}
      />
      {children}
      {host.gpus.map((gpu) => (
        <GpuCharts key={gpu.uuid} gpu={gpu} times={times} span={span} />
      ))}
    </div>
  );
}

function GpuCharts({ gpu, times, span }: { gpu: GpuSeries; times: number[]; span: number }) {
  const total = gpu.memoryTotal ?? undefined;
  const unit = useMemo(() => ({ ...BYTES, most: total }), [total]);
  const heat = gpu.temperature === null ? undefined : `${Math.round(gpu.temperature)} °C`;
  const name = `GPU ${gpu.index}`;
  return (
    <>
      <Chart
        title={name}
        times={times}
        series={[{ name, values: gpu.utilization }]}
        unit={PERCENT}
        span={span}
        note={heat}
      />
      <Chart
        title={`${name} VRAM`}
        times={times}
        series={[{ name: `${name} VRAM`, values: gpu.memory }]}
        unit={unit}
        span={span}
      />
    </>
  );
}
