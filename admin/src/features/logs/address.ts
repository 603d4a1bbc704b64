import { isLevel, type Level } from "./levels";

/** What the address of the page says: a link shows to somebody else what one sees. */
export interface LogsAddress {
  view: "tail" | "search";
  service: string | null;
  source: string | null;
  /** A text that records contain, or a pattern that they match; never both here. */
  q: string;
  regex: string;
  level: Level | null;
  wrap: boolean;
  /** Highlighted among all lines. */
  find: string;
  /** The line that a link leads to, and the beginning of its text, by which it is searched for. */
  line: string | null;
  text: string;
  /** When the link was made. */
  seen: string | null;
  since: string;
  until: string;
  limit: number;
}

export const DEFAULT_LIMIT = 1000;
export const MOST_HITS = 10_000;
export const DEFAULT_SINCE = "24h";

export const NOTHING_ASKED: LogsAddress = {
  view: "tail",
  service: null,
  source: null,
  q: "",
  regex: "",
  level: null,
  wrap: false,
  find: "",
  line: null,
  text: "",
  seen: null,
  since: DEFAULT_SINCE,
  until: "",
  limit: DEFAULT_LIMIT,
};

export function readAddress(query: URLSearchParams): LogsAddress {
  const level = query.get("level");
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  return {
    view: query.get("view") === "search" ? "search" : "tail",
    service: query.get("service") || null,
    source: query.get("source") || null,
    q: query.get("q") ?? "",
    regex: query.get("regex") ?? "",
    level: isLevel(level) ? level : null,
    wrap: query.get("wrap") === "1",
    find: query.get("find") ?? "",
    line: query.get("line") || null,
    text: query.get("text") ?? "",
    seen: query.get("seen") || null,
    since: query.get("since") ?? DEFAULT_SINCE,
    until: query.get("until") ?? "",
    limit: Number.isInteger(limit) && limit > 0 ? Math.min(limit, MOST_HITS) : DEFAULT_LIMIT,
  };
}

/** The query of an address, with nothing in it that is as it always is. */
export function writeAddress(address: LogsAddress): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(NOTHING_ASKED) as (keyof LogsAddress)[]) {
    const value = address[name];
    if (value === NOTHING_ASKED[name] || value === null) continue;
    query.set(name, value === true ? "1" : String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

/** The path of the page for `next/link`. */
export function logsHref(part: Partial<LogsAddress>): string {
  return `/logs/${writeAddress({ ...NOTHING_ASKED, ...part })}`;
}
