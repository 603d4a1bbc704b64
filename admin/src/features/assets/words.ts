import type { Asset } from "@mixdesk/client";

const DRIFTS: Record<NonNullable<Asset["drift"]>, string> = {
  crashed: "should run and has ended by itself",
  "stopped elsewhere": "should run; somebody else has stopped it, or it has ended",
  "started elsewhere": "should be stopped; somebody else has started it",
};

/** How what is seen differs from what was asked, in a sentence; null where it does not. */
export function driftWords(asset: Pick<Asset, "drift">): string | null {
  return asset.drift === null ? null : DRIFTS[asset.drift];
}

/** How the last run ended: `exit code 3`, `killed for want of memory`, `signal 9`; null where it did not, or went well. */
export function endWords(usage: Pick<Asset["usage"], "exit_code" | "oom_killed">): string | null {
  if (usage.oom_killed) return "killed for want of memory";
  if (!usage.exit_code) return null;
  return usage.exit_code < 0 ? `ended by signal ${-usage.exit_code}` : `exit code ${usage.exit_code}`;
}

/** What it is outside: its container, its process, or the driver alone. */
export function targetWords(asset: Pick<Asset, "driver" | "container" | "process_name">): string {
  if (asset.container) return `container ${asset.container}`;
  if (asset.process_name) return `process ${asset.process_name}`;
  return asset.driver;
}

/** What is counted as its need: the registry's word, or the most that was ever seen of it where that is more. */
export function neededMb(asset: Pick<Asset, "vram_declared_mb" | "vram_peak_mb">): number | null {
  const known = [asset.vram_declared_mb, asset.vram_peak_mb].filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
