import type { Row } from "../tail/ring";
import { withoutColours } from "../text/ansi";

interface Rows {
  readonly length: number;
  at: (index: number) => Row | undefined;
}

/** The rows that hold a text. What was looked through once is not looked through again when lines come. */
export class Finder {
  readonly #needle: string;
  #found: number[] = [];
  #seen = 0;

  constructor(needle: string) {
    this.#needle = needle.toLowerCase();
  }

  /** The numbers of the rows that hold it, oldest first. */
  look(rows: Rows): readonly number[] {
    const first = rows.at(0)?.no ?? 0;
    if ((this.#found[0] ?? first) < first) this.#found = this.#found.filter((no) => no >= first);
    if (this.#needle === "") return this.#found;
    for (let index = Math.max(0, this.#seen + 1 - first); index < rows.length; index += 1) {
      const row = rows.at(index);
      if (row === undefined) continue;
      this.#seen = row.no;
      if (row.kind === "record" && withoutColours(row.text).toLowerCase().includes(this.#needle)) {
        this.#found.push(row.no);
      }
    }
    return this.#found;
  }
}

/** The match after (or before) a row, around the ends. */
export function neighbour(found: readonly number[], here: number | null, step: 1 | -1): number | null {
  if (found.length === 0) return null;
  if (here === null) return (step === 1 ? found[0] : found.at(-1)) ?? null;
  if (step === 1) return found.find((no) => no > here) ?? found[0] ?? null;
  return found.findLast((no) => no < here) ?? found.at(-1) ?? null;
}
