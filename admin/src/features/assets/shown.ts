import type { Asset } from "@mixdesk/client";
import { neededMb } from "./words";

export const SORTS = ["registry", "name", "status", "vram", "ram", "cpu"] as const;
export type Sort = (typeof SORTS)[number];

/** What is looked for, as the address has it; an empty text is no filter. */
export interface Wanted {
  readonly q: string;
  readonly status: string;
  readonly type: string;
  readonly sort: Sort;
}

const STATUSES: readonly Asset["status"][] = ["error", "loading", "running", "stopped"];

export function sortOf(text: string | null): Sort {
  return SORTS.find((sort) => sort === text) ?? "registry";
}

/** The assets that are wanted, in the order that is wanted; `registry` as they are given. */
export function shownAssets(assets: readonly Asset[], wanted: Wanted): Asset[] {
  const q = wanted.q.trim().toLowerCase();
  const found = assets.filter(
    (asset) =>
      (!q ||
        [asset.id, asset.name, asset.container ?? "", asset.process_name ?? ""].some((text) =>
          text.toLowerCase().includes(q),
        )) &&
      (!wanted.status || asset.status === wanted.status || (wanted.status === "drift" && asset.drift !== null)) &&
      (!wanted.type || asset.type === wanted.type),
  );
  return wanted.sort === "registry" ? found : found.sort(ORDERS[wanted.sort]);
}

type Order = (one: Asset, other: Asset) => number;

const byName: Order = (one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id);

/** The largest first; those of which nobody knows last. */
function largest(of: (asset: Asset) => number | null | undefined): Order {
  return (one, other) => (of(other) ?? -1) - (of(one) ?? -1) || byName(one, other);
}

const ORDERS: Record<Exclude<Sort, "registry">, Order> = {
  name: byName,
  status: (one, other) => STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status) || byName(one, other),
  vram: largest((asset) => asset.metrics.vram_usage_mb ?? neededMb(asset)),
  ram: largest((asset) => asset.metrics.ram_usage_mb),
  cpu: largest((asset) => asset.metrics.cpu_percent),
};

/** Assets in the order of these ids; those that are not among them last, by name. */
export function inOrder(assets: Iterable<Asset>, ids: readonly string[]): Asset[] {
  const places = new Map(ids.map((id, place) => [id, place]));
  const place = (asset: Asset) => places.get(asset.id) ?? ids.length;
  return [...assets].sort((one, other) => place(one) - place(other) || byName(one, other));
}
