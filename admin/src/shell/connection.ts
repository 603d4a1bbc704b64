import type { StreamState } from "@mixdesk/client";
import { duration } from "@/lib/format";

/** How the page stands with the desk, in words for its header. */
export interface Connected {
  tone: "good" | "warn" | "bad";
  words: string;
  /** What is shown may be old by so many seconds; null where it is not. */
  staleS: number | null;
}

const PATIENCE_S = 10;

/**
 * `state` is that of a stream which every page has, `since` and `now` by the same clock. A stream that is new or comes
 * back is given a moment before the desk is said not to answer.
 */
export function connected(state: StreamState, now: number): Connected {
  const seconds = Math.max(0, (now - state.since) / 1000);
  const long = seconds >= PATIENCE_S;
  switch (state.phase) {
    case "live":
      return { tone: "good", words: "live", staleS: null };
    case "connecting":
      return long
        ? { tone: "bad", words: "the desk does not answer", staleS: null }
        : { tone: "warn", words: "connecting …", staleS: null };
    case "ended":
      return { tone: "bad", words: state.reason ?? "the stream has ended", staleS: seconds };
    default:
      return long
        ? { tone: "bad", words: `the desk does not answer · stale ${duration(seconds)}`, staleS: seconds }
        : { tone: "warn", words: `reconnecting … stale ${duration(Math.max(1, seconds))}`, staleS: seconds };
  }
}
