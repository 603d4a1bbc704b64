import type { Rows } from "../tail/use-rows";
import { withoutColours } from "../text/ansi";

/** The rows that hold a text. What was looked through once is not looked through again when lines come. */
export class Finder {
  readonly #needle: string;
  #found: number[] = [];
  #seen = 0;

  constructor(needle: string) {
    this.#needle = needle.toLowerCase();
  }

  /** The numbers of the rows that hold it, oldest first. */
  look(rows: Pick<Rows, "first" | "length" | "at">): readonly number[] {
    const { first } = rows;
    if ((this.#found[0] ?? first) < first) this.#found = this.#found.filter((n) => n >= first);
    if (this.#needle === "") return this.#found;
    for (let index = Math.max(0, this.#seen + 1 - first); index < rows.length; index += 1) {
      const row = rows.at(index);
      if (row === undefined) continue;
      this.#seen = row.n;
      if (row.kind === "record" && withoutColours(row.text).toLowerCase().includes(this.#needle)) {
        this.#found.push(row.n);
      }
    }
    return this.#found;
  }
}

/** The match after (or before) a row, around the ends. */
export function neighbour(found: readonly number[], here: number | null, step: 1 | -1): number | null {
  if (found.length === 0) return null;
  if (here === null) return (step === 1 ? found[0] : found.at(-1)) ?? null;
  if (step === 1) return found.find((n) => n > here) ?? found[0] ?? null;
  return found.findLast((n) => n < here) ?? found.at(-1) ?? null;
}
