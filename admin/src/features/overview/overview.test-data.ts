import type { Asset, Job, SystemMetrics } from "@mixdesk/client";
import { aJob } from "../jobs/a-job.test-data";

const MIB = 1024 * 1024;

/** A reading with what a test gives it. */
export function reading(given: Partial<SystemMetrics> = {}): SystemMetrics {
  return {
    host: "box1",
    hosts: ["box1"],
    cpu: { usage_percent: 10, load_avg: [1, 1, 1], cores: [] },
    memory: { used_bytes: MIB, total_bytes: 4 * MIB, swap_used_bytes: 0, swap_total_bytes: 0 },
    disk: [],
    network: { rx_bytes_per_sec: 1, tx_bytes_per_sec: 2 },
    gpus: [],
    timestamp: "2026-12-01T12:00:00Z",
    ...given,
  };
}

export function gpu(uuid: string, used: number | null, total: number | null = 1000) {
  return {
    index: 0,
    uuid,
    name: "card",
    utilization_percent: 50,
    vram_used_mb: used,
    vram_total_mb: total,
    temperature_c: 60,
  };
}

export function asset(
  id: string,
  uuid: string,
  card: { used?: number | null; reserved?: number; leaked?: number },
  jobs: string[] = [],
): Asset {
  return {
    id,
    name: id,
    type: "model",
    resource_type: "gpu",
    driver: "docker",
    status: "running",
    desired: "running",
    drift: null,
    error: null,
    dependencies: [],
    operation: null,
    generation: 0,
    metrics: {},
    usage: {
      vram: [
        { gpu: 0, uuid, used_mb: card.used ?? null, reserved_mb: card.reserved ?? 0, leaked_mb: card.leaked ?? 0 },
      ],
      started_at: null,
      uptime_s: null,
      restarts: 0,
      exit_code: null,
      oom_killed: false,
      jobs,
    },
    gpus: [0],
    vram_declared_mb: null,
    vram_peak_mb: null,
    evictable: false,
    detach: false,
    holds: [],
    revision: 1,
  };
}

/** A running job, with what a test changes of it and what it holds of which GPU. */
export function job(id: string, change: Partial<Job> = {}, held: Record<string, number | null> = {}): Job {
  const made = aJob({ job_id: id, name: id, ...change });
  const gpus = Object.entries(held).map(([uuid, used_mb], gpu) => ({ gpu, uuid, used_mb }));
  return { ...made, details: { ...made.details, ...(gpus.length > 0 ? { gpus } : {}) } };
}
