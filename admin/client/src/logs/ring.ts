import { isRepeated, type LogEntry, type NewEntry } from "./entries.ts";

const KEPT = 20_000;
const KEPT_CHARACTERS = 24 * 1024 * 1024;

/** The newest entries of a log, by their running numbers. Bounded by count and by text: old ones are let go. */
export class LogRing {
  readonly #slots: (LogEntry | undefined)[];
  #first = 1;
  #end = 1;
  #characters = 0;

  constructor(
    readonly keep = KEPT,
    private readonly characters = KEPT_CHARACTERS,
  ) {
    this.#slots = new Array<LogEntry | undefined>(keep);
  }

  /** The number of the oldest entry that is kept. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next entry will have: entries are `first` to `end - 1`. */
  get end(): number {
    return this.#end;
  }

  get length(): number {
    return this.#end - this.#first;
  }

  /** An entry by its number; undefined where it was let go or is still to come. */
  get(n: number): LogEntry | undefined {
    return n < this.#first || n >= this.#end ? undefined : this.#slots[n % this.keep];
  }

  /** The entries as they are now: what comes later does not change them. */
  entries(): LogEntry[] {
    const found: LogEntry[] = [];
    for (let n = this.#first; n < this.#end; n += 1) {
      const entry = this.get(n);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  /** The same mark twice in a row is one. */
  push(entry: NewEntry): void {
    if (isRepeated(this.get(this.#end - 1), entry)) return;
    if (this.length === this.keep) this.#letGo();
    this.#slots[this.#end % this.keep] = { ...entry, n: this.#end };
    this.#end += 1;
    this.#characters += lengthOf(entry);
    while (this.#characters > this.characters && this.length > 1) this.#letGo();
  }

  clear(): void {
    while (this.length > 0) this.#letGo();
  }

  /** The texts of the newest records, oldest first. */
  newestTexts(most: number): string[] {
    const found: string[] = [];
    for (let n = this.#end - 1; n >= this.#first && found.length < most; n -= 1) {
      const entry = this.get(n);
      if (entry?.kind === "record") found.push(entry.text);
    }
    return found.reverse();
  }

  #letGo(): void {
    const at = this.#first % this.keep;
    const entry = this.#slots[at];
    if (entry !== undefined) this.#characters -= lengthOf(entry);
    this.#slots[at] = undefined;
    this.#first += 1;
  }
}

function lengthOf(entry: NewEntry): number {
  return entry.kind === "record" ? entry.text.length : 0;
}
