import type { Asset, Plan } from "@mixdesk/client";
import type { Holder } from "./refusal";
import { holdersOf } from "./vram";

/** Who holds memory of the GPUs on which a plan is short, as the board shows it. */
export function shortHolders(plan: Pick<Plan, "memory">, assets: ReadonlyMap<string, Asset>): Holder[] {
  return plan.memory
    .filter((card) => !card.fits)
    .flatMap((card) => holdersOf(card.uuid, assets.values()).flatMap((one) => shown(one, card.gpu, assets)));
}

function shown(one: ReturnType<typeof holdersOf>[number], gpu: number, assets: ReadonlyMap<string, Asset>): Holder[] {
  const jobs = assets.get(one.asset)?.usage.jobs ?? [];
  const live = { asset: one.asset, gpu, usedMb: one.usedMb, reservedMb: one.reservedMb, leaked: false, jobs };
  const left = { ...live, usedMb: one.leakedMb, reservedMb: 0, leaked: true, jobs: [] };
  const holds = (one.usedMb ?? 0) > 0 || one.reservedMb > 0;
  return [...(holds ? [live] : []), ...(one.leakedMb > 0 ? [left] : [])];
}
