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

/** The newest jobs that the reader may see. */
export async function newestJobs(): Promise<Job[]> {
  const desk = new Desk({ ...asked(), fetch: (request) => fetch(request, { cache: "no-store" }) });
  const { items } = await unwrap(desk.rest.GET("/jobs", { params: { query: { limit: 10 } } }));
  return (items as Job[]).filter((job) => mayShow(job.job_id));
}

/**
 * Whether the reader of a page may see a job: YOUR RULE BELONGS HERE, by whoever is signed in to your app. In this
 * example, which has no sign-in and listens on this machine alone, it is every job that the token may see, or those of
 * MAY_SEE where it names some.
 */
export function mayShow(job: string): boolean {
  const named = process.env.MAY_SEE?.split(",").map((id) => id.trim());
  return !named?.[0] || named.includes(job);
}

/** A ticket for one job; null where the reader may not see it. */
export async function ticketFor(job: string): Promise<string | null> {
  return mayShow(job) ? embedTicket(asked(), { job }) : null;
}
