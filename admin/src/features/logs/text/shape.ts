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
const DEEPEST = 32;
/** Brackets and commas, those within texts too. */
const MOST_MARKS = 4 * LINES_OF_JSON;
/** Colours come before the text. */
const ESCAPE = "\u001b";

export function shapeOf(text: string): Shape {
  if (text.includes("\n")) {
    const lines = text.split("\n");
    return { head: clipped(lines[0] ?? ""), tail: clipped((lines.at(-1) ?? "").trim()), lines, kind: "block" };
  }
  const json = asJson(text);
  if (json !== null) return { head: clipped(text), tail: "", lines: json, kind: "json" };
  return { head: clipped(text), tail: "", lines: [text], kind: text.length > SHOWN_LETTERS ? "long" : "line" };
}

/** Whether it looks as if there were something to unfold: without reading it, for each of thousands of rows. */
export function mayFold(text: string): boolean {
  return text.length > SHOWN_LETTERS || looksLikeJson(text) || text.includes("\n");
}

function looksLikeJson(text: string): boolean {
  return text.startsWith("{") || (text.startsWith(ESCAPE) && text.includes("{"));
}

function clipped(line: string): string {
  return line.length > SHOWN_LETTERS ? `${line.slice(0, SHOWN_LETTERS)} …` : line;
}

/** Whether its indented form is short enough to be made: told from the text alone, which any program may have written. */
function isSmall(json: string): boolean {
  let depth = 0;
  let lines = 1;
  for (const letter of json) {
    if (letter === "{" || letter === "[") {
      depth += 1;
      lines += 2;
    } else if (letter === "}" || letter === "]") depth -= 1;
    else if (letter === ",") lines += 1;
    if (depth > DEEPEST || lines > MOST_MARKS) return false;
  }
  return true;
}

function asJson(text: string): string[] | null {
  if (!looksLikeJson(text)) return null;
  const plain = withoutColours(text).trim();
  if (!plain.startsWith("{") || !plain.endsWith("}")) return null;
  if (!isSmall(plain)) return null;
  try {
    const lines = JSON.stringify(JSON.parse(plain), null, 2).split("\n");
    return lines.length > 2 && lines.length <= LINES_OF_JSON ? lines : null;
  } catch {
    return null;
  }
}
