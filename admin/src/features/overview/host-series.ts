import type { Gpu, SystemMetrics } from "@mixdesk/client";

const MIB = 1024 * 1024;

export interface GpuSeries {
  index: number;
  uuid: string;
  name: string;
  utilization: (number | null)[];
  /** Bytes. */
  memory: (number | null)[];
  memoryTotal: number | null;
  temperature: number | null;
}

/** The readings of a host as columns. All columns are as long as `times`, milliseconds by the host's clock. */
export interface HostSeries {
  times: number[];
  cpu: number[];
  memory: number[];
  received: number[];
  sent: number[];
  gpus: GpuSeries[];
}

export function hostSeries(readings: readonly SystemMetrics[]): HostSeries {
  const last = readings.at(-1);
  return {
    times: readings.map((one) => Date.parse(one.timestamp)),
    cpu: readings.map((one) => one.cpu.usage_percent),
    memory: readings.map((one) => one.memory.used_bytes),
    received: readings.map((one) => one.network.rx_bytes_per_sec),
    sent: readings.map((one) => one.network.tx_bytes_per_sec),
    gpus: (last?.gpus ?? []).map((gpu) => gpuSeries(gpu, readings)),
  };
}

/** The devices of the newest reading; a reading without one of them is a gap in its lines. */
function gpuSeries(gpu: Gpu, readings: readonly SystemMetrics[]): GpuSeries {
  const column = readings.map((one) => one.gpus.find(({ uuid }) => uuid === gpu.uuid));
  return {
    index: gpu.index,
    uuid: gpu.uuid,
    name: gpu.name,
    utilization: column.map((one) => one?.utilization_percent ?? null),
    memory: column.map((one) => inBytes(one?.vram_used_mb)),
    memoryTotal: inBytes(gpu.vram_total_mb),
    temperature: gpu.temperature_c,
  };
}

function inBytes(mebibytes: number | null | undefined): number | null {
  return mebibytes == null ? null : mebibytes * MIB;
}

export interface DiskUse {
  mount: string;
  used: number;
  total: number;
  percent: number;
}

/** The mounts, the fullest first. One without a size, such as an empty pseudo file system, says nothing. */
export function disksOf(reading: Pick<SystemMetrics, "disk">): DiskUse[] {
  return reading.disk
    .filter((disk) => disk.total_bytes > 0)
    .map((disk) => ({
      mount: disk.mount,
      used: disk.used_bytes,
      total: disk.total_bytes,
      percent: (disk.used_bytes / disk.total_bytes) * 100,
    }))
    .sort((one, other) => other.percent - one.percent);
}
