import type { Operation } from "@mixdesk/client";
import { newestFirst } from "@/lib/newest-first";

/** Pages of operations and what the stream says of them since: each once, the newest of each, newest first. */
export function merged(
  pages: Iterable<Operation>,
  live: Iterable<Operation>,
  wanted: (operation: Operation) => boolean,
): Operation[] {
  const found = new Map<string, Operation>();
  for (const one of [...pages, ...live]) {
    const known = found.get(one.id);
    if (known === undefined || known.revision < one.revision) found.set(one.id, one);
  }
  return [...found.values()].filter(wanted).sort(newestFirst(({ id }) => id));
}
