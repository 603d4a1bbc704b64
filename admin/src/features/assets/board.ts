import type { Asset } from "@mixdesk/client";

const GRAIN_MB = 64;

/** A text that is another one whenever a plan may have become another one: who runs, holds memory, works, is held. */
export function boardOf(assets: Iterable<Asset>): string {
  return [...assets]
    .map((asset) => {
      const held = asset.usage.vram.map(
        (card) => `${grain(card.used_mb)}/${grain(card.reserved_mb)}/${grain(card.leaked_mb)}`,
      );
      return [
        asset.id,
        asset.status,
        asset.desired,
        asset.operation,
        asset.usage.jobs,
        asset.holds.map(({ id }) => id),
        held,
      ].join();
    })
    .join(";");
}

/** Memory to a grain: a plan is not asked anew for every mebibyte. */
function grain(mb: number | null): number {
  return Math.round((mb ?? 0) / GRAIN_MB);
}
