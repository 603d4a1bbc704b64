import type { SystemMetrics } from "@mixdesk/client";
import { bytes, mebibytes, percent, rate } from "@/lib/format";

/** One figure with its last two minutes. */
export interface Gauge {
  key: string;
  name: string;
  /** The newest value with its unit. */
  value: string;
  /** What it is out of, or what belongs to it; may be empty. */
  beside: string;
  /** Oldest first; null where it was not known. */
  values: (number | null)[];
  /** The end of the scale; where it is left out, the largest value. */
  most?: number;
}

const WHOLE = 100;

/** The figures of a host and of each of its GPUs. What the driver does not say is a dash. */
export function gaugesOf(readings: readonly SystemMetrics[]): Gauge[] {
  const newest = readings.at(-1);
  if (newest === undefined) return [];
  const { cpu, memory, network } = newest;
  const host: Gauge[] = [
    {
      key: "cpu",
      name: "CPU",
      value: percent(cpu.usage_percent),
      beside: `load ${cpu.load_avg[0]?.toFixed(1) ?? "—"}`,
      values: readings.map((one) => one.cpu.usage_percent),
      most: WHOLE,
    },
    {
      key: "memory",
      name: "Memory",
      value: bytes(memory.used_bytes),
      beside: `of ${bytes(memory.total_bytes)}`,
      values: readings.map((one) => one.memory.used_bytes),
      most: memory.total_bytes,
    },
  ];
  const wire: Gauge = {
    key: "network",
    name: "Network in",
    value: rate(network.rx_bytes_per_sec),
    beside: `out ${rate(network.tx_bytes_per_sec)}`,
    values: readings.map((one) => one.network.rx_bytes_per_sec),
  };
  return [...host, ...newest.gpus.flatMap(({ uuid }) => gpuGauges(readings, uuid)), wire];
}

function gpuGauges(readings: readonly SystemMetrics[], uuid: string): Gauge[] {
  const each = readings.map((one) => one.gpus.find((gpu) => gpu.uuid === uuid));
  const gpu = each.at(-1);
  if (gpu === undefined) return [];
  const heat = gpu.temperature_c === null ? "" : `${Math.round(gpu.temperature_c)} °C`;
  return [
    {
      key: `${uuid} use`,
      name: `GPU ${gpu.index}`,
      value: percent(gpu.utilization_percent),
      beside: heat,
      values: each.map((one) => one?.utilization_percent ?? null),
      most: WHOLE,
    },
    {
      key: `${uuid} memory`,
      name: `VRAM ${gpu.index}`,
      value: mebibytes(gpu.vram_used_mb),
      beside: `of ${mebibytes(gpu.vram_total_mb)}`,
      values: each.map((one) => one?.vram_used_mb ?? null),
      ...(gpu.vram_total_mb === null ? {} : { most: gpu.vram_total_mb }),
    },
  ];
}
