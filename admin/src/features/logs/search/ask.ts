import { type Desk, unwrap } from "@mixdesk/client";
import { type Answer, linesOf, readAnswer } from "./ndjson";

export interface Question {
  q: string;
  regex: string;
  level: string | null;
  since: string;
  until: string;
  /** All logs without one. */
  service: string | null;
  /** `service/source`; it takes the place of `service`. */
  source: string | null;
  limit: number;
}

/** Hits in bunches as the desk finds them. Throws DeskProblem, and what `signal` aborts with. */
export async function* ask(desk: Desk, question: Question, signal: AbortSignal): AsyncGenerator<Answer[]> {
  const { q, regex, level, since, until, service, source, limit } = question;
  const query = {
    ...(q ? { q } : {}),
    ...(regex ? { regex } : {}),
    ...(level ? { level } : {}),
    ...(since ? { since } : {}),
    ...(until ? { until } : {}),
    ...(source ? { source: [source] } : service ? { service: [service] } : {}),
    limit,
  };
  const body = await unwrap(desk.rest.GET("/admin/logs/search", { params: { query }, parseAs: "stream", signal }));
  if (body === null || body === undefined) return;
  for await (const lines of linesOf(body)) {
    yield lines.map(readAnswer).filter((answer) => answer !== null);
  }
}
