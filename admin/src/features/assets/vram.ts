import type { Asset, Gpu, Job } from "@mixdesk/client";
import { type JobOnCard, type JobsOnCard, jobsOnCard } from "./vram-jobs";

/** A piece of a GPU's memory. `promised` is what an asset may still take of what is free, `driver` what the driver keeps. */
export interface Piece {
  readonly kind: "used" | "promised" | "leaked" | "job" | "others" | "driver" | "free";
  readonly asset: string | null;
  readonly mb: number;
  /** The job itself where it holds the piece, those that run in it where an asset does. */
  readonly jobs?: readonly JobOnCard[];
}

/** One GPU and who holds what of it. `totalMb` is null where only assets speak of it. */
export interface Card {
  readonly uuid: string;
  readonly index: number | null;
  readonly name: string | null;
  readonly totalMb: number | null;
  readonly pieces: readonly Piece[];
  /** Assets and jobs that have memory there which nobody can measure. */
  readonly hidden: readonly string[];
}

type Holder = Pick<Asset, "id" | "usage">;

/** Every GPU that the host or an asset knows, its memory to scale: assets, promises, leaks, jobs, others, driver, free. */
export function cardsOf(gpus: readonly Gpu[], assets: Iterable<Holder>, jobs: Iterable<Job> = []): Card[] {
  const all = [...jobs];
  const holders = [...assets];
  const uuids = new Set([
    ...gpus.map((gpu) => gpu.uuid),
    ...holders.flatMap(({ usage }) => usage.vram.map((card) => card.uuid)),
  ]);
  return [...uuids]
    .map((uuid) => {
      const gpu = gpus.find((one) => one.uuid === uuid) ?? null;
      return cardOf(uuid, gpu, holders, jobsOnCard(uuid, holders, all));
    })
    .sort(byIndex);
}

function cardOf(uuid: string, gpu: Gpu | null, assets: readonly Holder[], jobs: JobsOnCard): Card {
  const own = assets.flatMap(({ id, usage }) =>
    usage.vram.filter((card) => card.uuid === uuid).map((card) => ({ id, ...card })),
  );
  const held = own
    .map(({ id, used_mb, reserved_mb }) => [
      piece("used", id, used_mb ?? 0, jobs.inside.get(id)),
      piece("promised", id, reserved_mb - (used_mb ?? 0)),
    ])
    .sort((one, other) => sum(other) - sum(one))
    .flat();
  const leaked = own.map(({ id, leaked_mb }) => piece("leaked", id, leaked_mb));
  const working = jobs.alone.map((job) => piece("job", null, job.mb ?? 0, [job]));
  const promised = sum(held.filter(({ kind }) => kind === "promised"));
  const seen = sum([...held, ...leaked, ...working]) - promised;
  const total = gpu?.vram_total_mb ?? null;
  const busy = Math.max(gpu?.vram_used_mb ?? 0, seen);
  const unused = total === null ? 0 : Math.max(0, total - busy);
  const free = Math.min(unused, gpu?.vram_free_mb ?? unused);
  const pieces = [
    ...(total === null ? held : within(free, held)),
    ...leaked,
    ...working,
    piece("others", null, busy - seen),
    piece("driver", null, unused - free),
    piece("free", null, free - promised),
  ];
  return {
    uuid,
    index: gpu?.index ?? own[0]?.gpu ?? null,
    name: gpu?.name ?? null,
    totalMb: total,
    pieces: pieces.filter(({ mb }) => mb >= LEAST_MB),
    hidden: [
      ...own.filter(({ used_mb }) => used_mb === null).map(({ id }) => id),
      ...jobs.alone.filter(({ mb }) => mb === null).map(({ name }) => name),
    ],
  };
}

const LEAST_MB = 1;

/** The pieces with no more promised than is free: what an asset holds that nobody can measure is among the others. */
function within(free: number, pieces: readonly Piece[]): Piece[] {
  let left = free;
  return pieces.map((one) => {
    if (one.kind !== "promised") return one;
    const mb = Math.min(one.mb, left);
    left -= mb;
    return { ...one, mb };
  });
}

function piece(kind: Piece["kind"], asset: string | null, mb: number, jobs?: Piece["jobs"]): Piece {
  return { kind, asset, mb: Math.max(0, mb), ...(jobs === undefined ? {} : { jobs }) };
}

/** MiB of all pieces together. */
export function sum(pieces: readonly Piece[]): number {
  return pieces.reduce((all, { mb }) => all + Math.max(0, mb), 0);
}

/** MiB of the pieces of one kind. */
export function sumOf(card: Card, kind: Piece["kind"]): number {
  return sum(card.pieces.filter((one) => one.kind === kind));
}

function byIndex(one: Card, other: Card): number {
  return (
    (one.index ?? Number.MAX_SAFE_INTEGER) - (other.index ?? Number.MAX_SAFE_INTEGER) ||
    one.uuid.localeCompare(other.uuid)
  );
}

/** Who holds memory of one GPU, the largest first. */
export interface HolderOf {
  readonly asset: string;
  readonly usedMb: number | null;
  readonly reservedMb: number;
  readonly leakedMb: number;
}

export function holdersOf(uuid: string, assets: Iterable<Holder>): HolderOf[] {
  return [...assets]
    .flatMap(({ id, usage }) =>
      usage.vram
        .filter((card) => card.uuid === uuid)
        .map((card) => ({ asset: id, usedMb: card.used_mb, reservedMb: card.reserved_mb, leakedMb: card.leaked_mb })),
    )
    .sort((one, other) => size(other) - size(one));
}

function size(holder: HolderOf): number {
  return Math.max(holder.usedMb ?? 0, holder.reservedMb) + holder.leakedMb;
}
