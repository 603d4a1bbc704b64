// For the server of a page elsewhere: it holds the token, and hands its pages tickets.

import { Desk, type DeskOptions } from "./desk.ts";
import { unwrap } from "./problem.ts";

/** Asks the desk for an embed ticket: one job or one owner's jobs, reading only, `ttl` seconds to be traded in. */
export async function embedTicket(
  options: DeskOptions & { url: string; token: string },
  of: { job: string; ttl?: number } | { owner: string; ttl?: number },
): Promise<string> {
  const desk = new Desk(options);
  const answer = await unwrap(desk.rest.POST("/auth/embed-ticket", { body: { ttl: 60, ...of } }));
  return answer.ticket;
}
