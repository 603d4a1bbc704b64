import { type Desk, unwrap } from "@mixdesk/client";
import type { TailWish } from "./tail";

/** A time at which nothing has been written yet: the desk checks what is asked, and reads nothing. */
const NEVER = "2999-01-01T00:00:00Z";

/** Asks whether a tail can be had. Throws DeskProblem with the desk's words: a refused WebSocket has none. */
export async function probe(desk: Desk, { service, source, q, regex, level }: TailWish): Promise<void> {
  const query = {
    source: [`${service}/${source}`],
    since: NEVER,
    limit: 1,
    ...(q ? { q } : {}),
    ...(regex ? { regex } : {}),
    ...(level ? { level } : {}),
  };
  await unwrap(desk.rest.GET("/admin/logs/search", { params: { query }, parseAs: "text" }));
}
