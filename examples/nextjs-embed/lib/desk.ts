// The server's side: it alone holds the token.
import "server-only";
import { Desk, type Job, unwrap } from "@mixdesk/client";
import { embedTicket } from "@mixdesk/client/server";

/** The desk as browsers call it. */
export const publicUrl = () => process.env.MIXDESK_URL || "http://127.0.0.1:9770";

function asked() {
  const token = process.env.MIXDESK_TOKEN;
  if (!token) throw new Error("set MIXDESK_TOKEN, see .env.example");
  return { url: process.env.MIXDESK_SERVER_URL || publicUrl(), token };
}

/** The newest jobs that the token may see. */
export async function newestJobs(): Promise<Job[]> {
  const desk = new Desk({ ...asked(), fetch: (request) => fetch(request, { cache: "no-store" }) });
  const { items } = await unwrap(desk.rest.GET("/jobs", { params: { query: { limit: 10 } } }));
  return items as Job[];
}

/** A ticket for one job, to be handed to the page of somebody who may see it. */
export const ticketFor = (job: string) => embedTicket(asked(), { job });
