import { type Asset, isFinal, type Job } from "@mixdesk/client";

/** A job that holds memory of a GPU; null where nobody says how much. */
export interface JobOnCard {
  readonly id: string;
  readonly name: string;
  readonly mb: number | null;
}

export interface JobsOnCard {
  /** By the asset that they run in: what they hold is part of what it holds. */
  readonly inside: ReadonlyMap<string, readonly JobOnCard[]>;
  /** The largest first. */
  readonly alone: readonly JobOnCard[];
}

type Holder = Pick<Asset, "id" | "usage">;
type Holding = Pick<Job, "job_id" | "name" | "status" | "details">;

/** Which jobs hold memory of one GPU. By its UUID alone: a job in a container calls its host by another name. */
export function jobsOnCard(uuid: string, assets: Iterable<Holder>, jobs: Iterable<Holding>): JobsOnCard {
  const inside = new Map<string, JobOnCard[]>();
  const alone: JobOnCard[] = [];
  const owners = ownersOn(uuid, assets);
  for (const job of jobs) {
    if (isFinal(job)) continue;
    const cards = job.details.gpus ?? [];
    const card = cards.find((one) => one.uuid === uuid);
    const owner = owners.get(job.job_id);
    // of several processes the one that reports is known: what others of its asset hold may be its work all the same
    if (card === undefined && (owner === undefined || cards.length > 0)) continue;
    const found = { id: job.job_id, name: job.name ?? job.job_id, mb: card?.used_mb ?? null };
    if (owner === undefined) alone.push(found);
    else inside.set(owner, [...(inside.get(owner) ?? []), found]);
  }
  return { inside, alone: alone.sort((one, other) => (other.mb ?? 0) - (one.mb ?? 0)) };
}

/** The asset of each job that runs in one, as far as the asset is known to hold memory of this GPU. */
function ownersOn(uuid: string, assets: Iterable<Holder>): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { id, usage } of assets) {
    const holds = usage.vram.some((card) => card.uuid === uuid && (card.used_mb ?? 0) > 0);
    if (holds) for (const job of usage.jobs) owners.set(job, id);
  }
  return owners;
}
