/** A line of a log that a search found. */
export interface LogHit {
  service: string;
  source: string;
  time: string | null;
  level: string | null;
  text: string;
}

export interface Found {
  hits: LogHit[];
  /** Why there may be more; null where all was searched. */
  cut: string | null;
}

/** Reads the answer of a search: one JSON object a line, of which the last may say what was left out. */
export function foundIn(ndjson: string): Found {
  const found: Found = { hits: [], cut: null };
  for (const line of ndjson.split("\n")) {
    const said = object(line);
    if (said === null) continue;
    if (typeof said.text === "string") found.hits.push(hit(said, said.text));
    else if (typeof said.cut === "string") found.cut = said.cut;
  }
  return found;
}

function hit(said: Record<string, unknown>, text: string): LogHit {
  const word = (name: string) => (typeof said[name] === "string" ? said[name] : null);
  return {
    service: word("service") ?? "",
    source: word("source") ?? "",
    time: word("time"),
    level: word("level"),
    text,
  };
}

/** The object that a line holds, null where it holds none, such as one that a broken connection has cut. */
function object(line: string): Record<string, unknown> | null {
  if (line.trim() === "") return null;
  try {
    const said: unknown = JSON.parse(line);
    return isRecord(said) ? said : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where its log can be read. */
export function logHref(hit: Pick<LogHit, "service" | "source">): string {
  return `/logs/?${new URLSearchParams({ service: hit.service, source: hit.source, level: "error" })}`;
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
