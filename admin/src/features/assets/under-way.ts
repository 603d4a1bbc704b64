import type { Operation } from "@mixdesk/client";
import { isOpen, legsOf } from "@/features/operations/course";
import { freedBy } from "@/features/operations/outcome";
import { newestFirst } from "@/lib/newest-first";

const SHOWN_FOR_MS = 5 * 60_000;
const MOST_ENDED = 3;

/** Operations on assets that are on their way, and the last few that have just ended, newest first. */
export function underWay(operations: Iterable<Operation>, away: ReadonlySet<string>, now: number): Operation[] {
  const found = [...operations].filter(({ kind, id }) => kind === "asset" && !away.has(id)).sort(byAge);
  const ended = found
    .filter((one) => !isOpen(one) && now - Date.parse(one.ended_at ?? one.updated_at) < SHOWN_FOR_MS)
    .slice(0, MOST_ENDED);
  return found.filter((one) => isOpen(one) || ended.includes(one));
}

/** The newest operation on its way that has to do with each asset. */
export function byAsset(operations: Iterable<Operation>): Map<string, Operation> {
  const found = new Map<string, Operation>();
  const open = [...operations].filter((one) => one.kind === "asset" && isOpen(one)).sort(byAge);
  for (const one of open.reverse()) {
    for (const { asset } of legsOf(one)) found.set(asset, one);
  }
  return found;
}

/** What has become of an operation, for everybody to hear: `rvc is ready`, `rvc has stopped: freed 1.9 GiB`. */
export function endWords(operation: Operation): string {
  const { action, target, state, error } = operation;
  if (state !== "succeeded") return `${action} ${target}: ${state}${error === null ? "" : `, ${error}`}`;
  if (action === "start") return `${target} is ready`;
  const freed = freedBy(operation);
  return `${target} has stopped${freed === null ? "" : `: ${freed}`}`;
}

const byAge = newestFirst<Operation>(({ id }) => id);
