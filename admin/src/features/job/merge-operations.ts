import type { Operation } from "@mixdesk/client";

/** The operations of one job from both sources, the newest state of each, newest first. */
export function mergeOperations(kept: Iterable<Operation>, live: Iterable<Operation>, job: string): Operation[] {
  const found = new Map<string, Operation>();
  for (const one of [...kept, ...live]) {
    if (one.kind !== "job" || one.target !== job) continue;
    const known = found.get(one.id);
    if (known === undefined || known.revision < one.revision) found.set(one.id, one);
  }
  return [...found.values()].sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at) || order(b.id, a.id));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
