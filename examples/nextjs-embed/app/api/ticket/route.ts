import { DeskProblem } from "@mixdesk/client";
import { ticketFor } from "@/lib/desk";

/** `POST /api/ticket {"job": ID}`: a ticket for the page, where `mayShow` lets it. */
export async function POST(request: Request): Promise<Response> {
  const { job }: { job?: unknown } = await request.json();
  if (typeof job !== "string") return Response.json({ detail: "which job?" }, { status: 422 });
  try {
    const ticket = await ticketFor(job);
    if (ticket === null) return Response.json({ detail: "this job is not yours to see" }, { status: 403 });
    return Response.json({ ticket }, { headers: { "Cache-Control": "no-store" } });
  } catch (problem) {
    if (!(problem instanceof DeskProblem)) throw problem;
    // a token of the server that the desk does not take is no fault of the reader
    const status = problem.status === 404 ? 404 : 502;
    return Response.json({ detail: problem.message }, { status });
  }
}
