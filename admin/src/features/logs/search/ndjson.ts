import { isLevel, type Level } from "../levels";

export interface Hit {
  service: string;
  source: string;
  file: string | null;
  time: string | null;
  level: Level | null;
  text: string;
}

/** The last line of a search in which not all was searched. */
export interface Cut {
  /** Why there may be more hits; null where only some could not be read. */
  why: string | null;
  unread: readonly string[];
  unreadCount: number;
  searchedBytes: number;
}

export type Answer = { hit: Hit } | { cut: Cut };

/** The lines of an answer as they come, in bunches. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      const whole = lines.filter((line) => line !== "");
      if (whole.length > 0) yield whole;
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** One line: a hit, or how the search ended. Null for what this page does not know. */
export function readAnswer(line: string): Answer | null {
  const said: unknown = JSON.parse(line);
  if (typeof said !== "object" || said === null) return null;
  const { service, source, file, time, level, text, ...more } = said as Readonly<Record<string, unknown>>;
  if (typeof text === "string" && typeof service === "string" && typeof source === "string") {
    return { hit: { service, source, file: word(file), time: word(time), level: isLevel(level) ? level : null, text } };
  }
  if (typeof more.searched_bytes !== "number") return null;
  const unread = Array.isArray(more.not_searched) ? more.not_searched.map(String) : [];
  const unreadCount = typeof more.not_searched_count === "number" ? more.not_searched_count : unread.length;
  return { cut: { why: word(more.cut), unread, unreadCount, searchedBytes: more.searched_bytes } };
}

function word(said: unknown): string | null {
  return typeof said === "string" ? said : null;
}
