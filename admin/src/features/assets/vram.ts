import type { Asset, Gpu } from "@mixdesk/client";

/** A piece of a GPU's memory. `promised` is what an asset may still take beyond what it has. */
export interface Piece {
  readonly kind: "used" | "promised" | "leaked" | "others" | "free";
  readonly asset: string | null;
  readonly mb: number;
}

/** One GPU and who holds what of it. `totalMb` is null where only assets speak of it. */
export interface Card {
  readonly uuid: string;
  readonly index: number | null;
  readonly name: string | null;
  readonly totalMb: number | null;
  readonly pieces: readonly Piece[];
  /** Assets that have memory there which nobody can measure. */
  readonly hidden: readonly string[];
}

type Holder = Pick<Asset, "id" | "usage">;

/** Every GPU that the host or an asset knows, with its memory to scale: assets, promises, leaks, all others, free. */
export function cardsOf(gpus: readonly Gpu[], assets: Iterable<Holder>): Card[] {
  const holders = [...assets];
  const uuids = new Set([
    ...gpus.map((gpu) => gpu.uuid),
    ...holders.flatMap(({ usage }) => usage.vram.map((card) => card.uuid)),
  ]);
  return [...uuids].map((uuid) => cardOf(uuid, gpus.find((gpu) => gpu.uuid === uuid) ?? null, holders)).sort(byIndex);
}

function cardOf(uuid: string, gpu: Gpu | null, assets: readonly Holder[]): Card {
  const own = assets.flatMap(({ id, usage }) =>
    usage.vram.filter((card) => card.uuid === uuid).map((card) => ({ id, ...card })),
  );
  const held = own
    .map(({ id, used_mb, reserved_mb }) => [
      piece("used", id, used_mb ?? 0),
      piece("promised", id, reserved_mb - (used_mb ?? 0)),
    ])
    .sort((one, other) => sum(other) - sum(one))
    .flat();
  const leaked = own.map(({ id, leaked_mb }) => piece("leaked", id, leaked_mb));
  const promised = sum(held.filter(({ kind }) => kind === "promised"));
  const seen = sum([...held, ...leaked]) - promised;
  const total = gpu?.vram_total_mb ?? null;
  const busy = gpu?.vram_used_mb ?? null;
  const others = busy === null ? 0 : busy - seen;
  const free = total === null ? 0 : total - Math.max(busy ?? 0, seen) - promised;
  const pieces = [...held, ...leaked, piece("others", null, others), piece("free", null, free)];
  return {
    uuid,
    index: gpu?.index ?? own[0]?.gpu ?? null,
    name: gpu?.name ?? null,
    totalMb: total,
    pieces: pieces.filter(({ mb }) => mb >= LEAST_MB),
    hidden: own.filter(({ used_mb }) => used_mb === null).map(({ id }) => id),
  };
}

const LEAST_MB = 1;

function piece(kind: Piece["kind"], asset: string | null, mb: number): Piece {
  return { kind, asset, mb: Math.max(0, mb) };
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
