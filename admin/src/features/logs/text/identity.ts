import { withoutColours } from "./ansi";

// A line has no name at the desk. A link to one holds a number made of its text, and the text's beginning to look for.

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
const LETTERS = 120;
const REDACTED = "[redacted]";

/** Eight digits that another text hardly has (FNV-1a). */
export function hashOf(text: string): string {
  let hash = OFFSET;
  const plain = withoutColours(text);
  for (let index = 0; index < plain.length; index += 1) {
    hash = Math.imul(hash ^ plain.charCodeAt(index), PRIME);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** The beginning of the text, as a search finds it: of one line, and nothing that was blacked out. */
export function snippetOf(text: string): string {
  const plain = withoutColours(text);
  const line = plain.split("\n").find((one) => one.trim() !== "") ?? "";
  const parts = line.split(REDACTED).map((part) => part.trim());
  const longest = parts.reduce((most, part) => (part.length > most.length ? part : most), "");
  return longest.slice(0, LETTERS).trim();
}
