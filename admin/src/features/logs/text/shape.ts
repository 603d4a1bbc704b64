import { withoutColours } from "./ansi";

/** How a record is shown: folded as its first line, unfolded as `lines`. */
export interface Shape {
  head: string;
  /** What stands behind the head while it is folded: the last line of a traceback says what went wrong. */
  tail: string;
  /** Lines when it is unfolded; one where there is nothing to unfold. */
  lines: readonly string[];
  kind: "line" | "block" | "json" | "long";
}

/** Letters of a line that are shown before it is unfolded. */
export const SHOWN_LETTERS = 2000;
const LINES_OF_JSON = 400;

export function shapeOf(text: string): Shape {
  if (text.includes("\n")) {
    const lines = text.split("\n");
    return { head: clipped(lines[0] ?? ""), tail: clipped((lines.at(-1) ?? "").trim()), lines, kind: "block" };
  }
  const json = asJson(text);
  if (json !== null) return { head: clipped(text), tail: "", lines: json, kind: "json" };
  return { head: clipped(text), tail: "", lines: [text], kind: text.length > SHOWN_LETTERS ? "long" : "line" };
}

/** How many lines it takes, without making them. */
export function heightOf(text: string, unfolded: boolean): number {
  return unfolded ? shapeOf(text).lines.length : 1;
}

function clipped(line: string): string {
  return line.length > SHOWN_LETTERS ? `${line.slice(0, SHOWN_LETTERS)} …` : line;
}

function asJson(text: string): string[] | null {
  if (!text.startsWith("{") && !text.startsWith("\u001b")) return null;
  const plain = withoutColours(text).trim();
  if (!plain.startsWith("{") || !plain.endsWith("}")) return null;
  try {
    const lines = JSON.stringify(JSON.parse(plain), null, 2).split("\n");
    return lines.length > 2 && lines.length <= LINES_OF_JSON ? lines : null;
  } catch {
    return null;
  }
}
