import { type Asset, type Gpu, isFinal, type Job, type SystemMetrics } from "@mixdesk/client";

export type HolderKind = "asset" | "job" | "leaked" | "other" | "promised" | "free";

/** Somebody who holds memory of a GPU, or is promised it, in MiB. */
export interface Holder {
  kind: HolderKind;
  /** The id of an asset or a job; empty of the others. */
  id: string;
  name: string;
  mebibytes: number;
}

export interface GpuMemory {
  uuid: string;
  index: number;
  name: string;
  used: number | null;
  total: number | null;
  /** To scale, together `total`: who holds it first, what is free last. */
  holders: Holder[];
}

const LEAST_MB = 1;

/** Who holds the memory of each GPU of a host. What is not known to be somebody's is `other`. */
export function gpuMemory(
  reading: Pick<SystemMetrics, "host" | "gpus">,
  assets: Iterable<Asset>,
  jobs: Iterable<Job>,
): GpuMemory[] {
  const all = [...assets];
  // what jobs hold is told as one sum over all GPUs: on a host with one it is clear where
  const placed = reading.gpus.length === 1 ? jobHolders([...jobs], all, reading.host) : [];
  return reading.gpus.map((gpu) => ofOne(gpu, [...assetHolders(all, gpu.uuid), ...placed], promised(all, gpu.uuid)));
}

function ofOne(gpu: Gpu, known: Holder[], promisedMb: number): GpuMemory {
  const { uuid, index, name, vram_used_mb: used, vram_total_mb: total } = gpu;
  const held = known.reduce((sum, holder) => sum + holder.mebibytes, 0);
  const all = Math.max(used ?? held, held);
  const free = Math.max(0, (total ?? all) - all);
  const kept = Math.min(free, promisedMb);
  const rest: Holder[] = [
    { kind: "other", id: "", name: "other processes", mebibytes: all - held },
    { kind: "promised", id: "", name: "promised to assets", mebibytes: kept },
    { kind: "free", id: "", name: "free", mebibytes: free - kept },
  ];
  return {
    uuid,
    index,
    name,
    used,
    total,
    holders: [...known, ...rest].filter(({ mebibytes }) => mebibytes >= LEAST_MB),
  };
}

function assetHolders(assets: readonly Asset[], uuid: string): Holder[] {
  return assets.flatMap((asset) =>
    asset.usage.vram
      .filter((card) => card.uuid === uuid)
      .flatMap((card) => [
        { kind: "asset" as const, id: asset.id, name: asset.name, mebibytes: card.used_mb ?? 0 },
        { kind: "leaked" as const, id: asset.id, name: `not come back from ${asset.name}`, mebibytes: card.leaked_mb },
      ]),
  );
}

/** What was promised to assets and is not used by them yet. */
function promised(assets: readonly Asset[], uuid: string): number {
  return assets
    .flatMap((asset) => asset.usage.vram)
    .filter((card) => card.uuid === uuid)
    .reduce((sum, card) => sum + Math.max(0, card.reserved_mb - (card.used_mb ?? 0)), 0);
}

/** On a host of several GPUs: jobs with what they hold of all of them together. */
export function jobsTogether(
  reading: Pick<SystemMetrics, "host" | "gpus">,
  assets: Iterable<Asset>,
  jobs: Iterable<Job>,
): Holder[] {
  if (reading.gpus.length < 2) return [];
  return jobHolders([...jobs], [...assets], reading.host).filter(({ mebibytes }) => mebibytes >= LEAST_MB);
}

/** Jobs of this host; one that runs inside an asset is part of what the asset holds. */
function jobHolders(jobs: readonly Job[], assets: readonly Asset[], host: string): Holder[] {
  const inside = new Set(assets.flatMap((asset) => asset.usage.jobs));
  return jobs
    .filter((job) => job.host === host && !isFinal(job) && !inside.has(job.job_id))
    .map((job) => ({
      kind: "job" as const,
      id: job.job_id,
      name: job.name ?? job.job_id,
      mebibytes: job.details.vram_usage_mb ?? 0,
    }));
}
