import { mebibytes } from "@/lib/format";
import { amount, list, names, type Settings, seconds, size, text } from "./read";
import type { Row } from "./row";

/** Jobs, and what is kept of them. */
export function kept(of: Settings, stateDir: string): Row[] {
  const days = amount(of, "jobs.keep_days");
  const weights = names(of, "jobs.weights");
  return [
    {
      key: "jobs.keep_days",
      says: "Jobs that have ended are kept for",
      value: days === null ? null : `${days} days`,
    },
    { key: "jobs.lease_s", says: "A job is lost after silence of", value: seconds(of, "jobs.lease_s") },
    { key: "jobs.lost_fail_s", says: "A lost job is failed after", value: seconds(of, "jobs.lost_fail_s") },
    {
      key: "jobs.weights",
      says: "Weights of phases of its own",
      value: weights.length > 0 ? weights.join(", ") : null,
      otherwise: "those of each job type",
    },
    { key: "store.url", says: "Database", value: text(of, "store.url"), otherwise: `SQLite: ${stateDir}/mixdesk.db` },
    {
      key: "metrics.retention_s",
      says: "Series of a job stay after its end for",
      value: seconds(of, "metrics.retention_s"),
    },
  ];
}

/** Meters, GPUs and assets. */
export function metered(of: Settings): Row[] {
  const assets = size(of, "assets");
  return [
    { key: "meters.sources", says: "Hosts that are read", value: list(of, "meters.sources"), otherwise: "none" },
    { key: "gpu.headroom_mb", says: "GPU memory that stays free", value: mebibytes(amount(of, "gpu.headroom_mb")) },
    {
      key: "assets",
      says: "Assets in the registry",
      value: assets > 0 ? String(assets) : null,
      otherwise: "none: begin with mixdesk assets init",
    },
  ];
}
