// For the server of a page elsewhere: it holds the token, and hands its pages tickets.

import { Desk, type DeskOptions } from "./desk.ts";
import { unwrap } from "./problem.ts";

/** What a ticket shows: one job, or all jobs of one owner with assets and hosts. */
export type EmbedScope = { job: string; ttl?: number } | { owner: string; ttl?: number };

const TTL_S = 60;

/** Asks the desk for an embed ticket: one job or one owner's jobs, reading only, `ttl` seconds to be traded in. */
export async function embedTicket(
  options: DeskOptions & { url: string; token: string },
  of: EmbedScope,
): Promise<string> {
  const desk = new Desk(options);
  const answer = await unwrap(desk.rest.POST("/auth/embed-ticket", { body: { ttl: TTL_S, ...of } }));
  return answer.ticket;
}

export interface EmbedView {
  view: "job" | "assets" | "metrics";
  /** Of one job; without it all jobs that the ticket shows. */
  id?: string;
  /** Of `metrics`: another host than the desk's first. */
  host?: string;
  /** Left out: what the reader's system prefers. */
  theme?: "light" | "dark";
  /** Left out where the session of the same site speaks. */
  ticket?: string;
}

/** The address of a view for a frame; `url` is the desk as browsers call it. */
export function embedUrl(url: string, { view, ticket, ...named }: EmbedView): string {
  const address = new URL(`${url.replace(/\/+$/, "")}/ui/embed/${view}/`);
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  // behind the #, which browsers send to no server
  if (ticket !== undefined) address.hash = new URLSearchParams({ ticket }).toString();
  return address.toString();
}
