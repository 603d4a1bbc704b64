import type { Asset } from "@mixdesk/client";

/** For tests: an asset that does not run. */
export function anAsset(id: string, changes: Partial<Asset> = {}): Asset {
  return {
    id,
    name: id,
    type: "model",
    resource_type: "gpu",
    driver: "docker",
    status: "stopped",
    desired: null,
    drift: null,
    error: null,
    container: `voice-${id}`,
    dependencies: [],
    operation: null,
    generation: 0,
    metrics: {},
    usage: { vram: [], started_at: null, uptime_s: null, restarts: 0, exit_code: null, oom_killed: false, jobs: [] },
    gpus: [],
    vram_declared_mb: null,
    vram_peak_mb: null,
    evictable: false,
    detach: false,
    holds: [],
    revision: 1,
    ...changes,
  };
}
