import type { Asset } from "@mixdesk/client";

/** What is in the way of a stop: who needs it and runs, which jobs run there, who holds it. */
export interface InTheWay {
  readonly dependents: readonly string[];
  readonly jobs: readonly { readonly asset: string; readonly job: string }[];
  readonly holds: readonly {
    readonly asset: string;
    readonly actor: string;
    readonly reason: string | null;
    readonly expiresAt: string;
  }[];
}

/** Of all that a stop of `target` would stop. */
export function inTheWay(target: string, wouldStop: readonly string[], assets: ReadonlyMap<string, Asset>): InTheWay {
  const stops = wouldStop.flatMap((id) => assets.get(id) ?? []);
  return {
    dependents: wouldStop.filter((id) => id !== target),
    jobs: stops.flatMap((asset) => asset.usage.jobs.map((job) => ({ asset: asset.id, job }))),
    holds: stops.flatMap((asset) =>
      asset.holds.map(({ actor, reason, expires_at }) => ({ asset: asset.id, actor, reason, expiresAt: expires_at })),
    ),
  };
}

/** What has to be allowed for that stop. */
export function allowances(found: InTheWay): { cascade: boolean; force: boolean } {
  return { cascade: found.dependents.length > 0, force: found.jobs.length > 0 || found.holds.length > 0 };
}

/** MiB that the stop should bring back; null where nobody can tell. */
export function toFree(wouldStop: readonly string[], assets: ReadonlyMap<string, Asset>): number | null {
  const used = wouldStop.flatMap((id) => assets.get(id)?.usage.vram ?? []).flatMap((card) => card.used_mb ?? []);
  return used.length === 0 ? null : used.reduce((all, mb) => all + mb, 0);
}
