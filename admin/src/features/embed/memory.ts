import type { Asset } from "@mixdesk/client";

/** What an asset holds of all GPUs, in MiB; `used` is null where none of it could be measured. */
export interface Memory {
  used: number | null;
  reserved: number;
  /** `GPU 0`, `GPU 0, GPU 1`; empty where it holds none. */
  cards: string;
}

export function memoryOf(asset: Pick<Asset, "usage" | "metrics">): Memory {
  const { vram } = asset.usage;
  const measured = vram.filter(({ used_mb }) => used_mb !== null);
  const sum = measured.reduce((total, { used_mb }) => total + (used_mb ?? 0), 0);
  return {
    used: measured.length > 0 ? sum : (asset.metrics.vram_usage_mb ?? null),
    reserved: vram.reduce((total, { reserved_mb }) => total + reserved_mb, 0),
    cards: vram.map(({ gpu, uuid }) => (gpu === null ? uuid : `GPU ${gpu}`)).join(", "),
  };
}
