import type { Asset } from "@mixdesk/client";

type Node = Pick<Asset, "id" | "dependencies">;

/** Who needs each asset directly, in the order of the registry. */
export function neededBy(assets: Iterable<Node>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const asset of assets) {
    for (const dependency of asset.dependencies) {
      found.set(dependency, [...(found.get(dependency) ?? []), asset.id]);
    }
  }
  return found;
}

/**
 * The assets in layers: what needs nothing first, and each one right of all that it needs. Those that neither need
 * anybody nor are needed stand apart, in `alone`.
 */
export function layers(assets: readonly Node[]): { layers: string[][]; alone: string[] } {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const needed = neededBy(assets);
  const depths = new Map<string, number>();
  const depth = (id: string, above: readonly string[]): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const under = (byId.get(id)?.dependencies ?? []).filter((one) => byId.has(one) && !above.includes(one));
    const found = under.length === 0 ? 0 : 1 + Math.max(...under.map((one) => depth(one, [...above, id])));
    depths.set(id, found);
    return found;
  };
  const rows: string[][] = [];
  const alone: string[] = [];
  for (const { id, dependencies } of assets) {
    if (dependencies.length === 0 && !needed.has(id)) {
      alone.push(id);
      continue;
    }
    const layer = depth(id, []);
    while (rows.length <= layer) rows.push([]);
    rows[layer]?.push(id);
  }
  return { layers: rows, alone };
}
