import { type Hit, readAnswer } from "@/features/logs/search/ndjson";

export interface Found {
  hits: Hit[];
  /** Why there may be more; null where all was searched. */
  cut: string | null;
}

/** Reads the answer of a search: one JSON object a line, of which the last may say what was left out. */
export function foundIn(ndjson: string): Found {
  const found: Found = { hits: [], cut: null };
  for (const line of ndjson.split("\n")) {
    const answer = object(line) === null ? null : readAnswer(line);
    if (answer === null) continue;
    if ("hit" in answer) found.hits.push(answer.hit);
    else found.cut = answer.cut.why;
  }
  return found;
}

/** The object that a line holds, null where it holds none, such as one that a broken connection has cut. */
function object(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(line);
    return isRecord(said) ? said : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// what loggers that write JSON call the message
const MESSAGES = ["message", "msg", "event"];

/** What a record says: the message of one that is JSON, else its first line; and how many lines more it has. */
export function headOf(text: string): { head: string; more: number } {
  const lines = text.trimEnd().split("\n");
  const said = lines.length === 1 && text.startsWith("{") ? object(text) : null;
  const message = MESSAGES.map((name) => said?.[name]).find((one) => typeof one === "string");
  return { head: typeof message === "string" ? message : (lines[0] ?? ""), more: lines.length - 1 };
}
