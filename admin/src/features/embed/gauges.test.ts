import type { Gpu, SystemMetrics } from "@mixdesk/client";
import { describe, expect, it } from "vitest";
import { gaugesOf } from "./gauges";

const GPU: Gpu = {
  index: 0,
  uuid: "GPU-1",
  name: "H200",
  utilization_percent: 40,
  vram_used_mb: 1024,
  vram_total_mb: null,
  temperature_c: null,
};

const reading = (cpu: number, gpus: Gpu[]): SystemMetrics => ({
  host: "box1",
  hosts: ["box1"],
  cpu: { usage_percent: cpu, load_avg: [0.5, 0.4, 0.3], cores: [] },
  memory: { used_bytes: 2 ** 30, total_bytes: 2 ** 32, swap_used_bytes: 0, swap_total_bytes: 0 },
  disk: [],
  network: { rx_bytes_per_sec: 2048, tx_bytes_per_sec: 0 },
  gpus,
  timestamp: "2026-11-24T12:00:00Z",
});

describe("the figures of a host", () => {
  it("are nothing before the first reading", () => {
    expect(gaugesOf([])).toEqual([]);
  });

  it("have units, and what they are out of", () => {
    const said = gaugesOf([reading(10, []), reading(20, [])]).map(({ name, value, beside }) => [name, value, beside]);
    expect(said).toEqual([
      ["CPU", "20 %", "load 0.5"],
      ["Memory", "1.0 GiB", "of 4.0 GiB"],
      ["Network in", "2.0 KiB/s", "out 0 B/s"],
    ]);
  });

  it("follow a GPU by its uuid, and say a dash where the driver says nothing", () => {
    const [, , use, memory] = gaugesOf([reading(1, []), reading(1, [GPU]), reading(1, [{ ...GPU, index: 1 }])]);
    expect([use?.name, use?.values]).toEqual(["GPU 1", [null, 40, 40]]);
    expect([memory?.value, memory?.beside, memory?.most]).toEqual(["1.0 GiB", "of —", undefined]);
  });
});
