import type { Level } from "../levels";

/** What stands in a tail: a record of the log, or a word about what happened between two of them. */
export type Row = LogRecord | Mark;

export interface LogRecord {
  kind: "record";
  /** Counts from 1 for as long as the page shows this log. */
  no: number;
  text: string;
  level: Level | null;
}

export interface Mark {
  kind: "mark";
  no: number;
  tone: "soft" | "warn" | "good";
  text: string;
}

export const MOST_ROWS = 20_000;
export const MOST_LETTERS = 32_000_000;
const LET_GO_SHARE = 0.1;

/**
 * The last rows of a log, outside React: as many as are allowed, and no more letters than are allowed.
 * A tenth is let go at a time, so that what is shown does not move at each line.
 */
export class Ring {
  #rows: Row[] = [];
  #letters = 0;
  #next = 1;
  #letGo = 0;

  constructor(
    private readonly most = MOST_ROWS,
    private readonly mostLetters = MOST_LETTERS,
  ) {}

  get length(): number {
    return this.#rows.length;
  }

  /** How many rows were here and are no more. */
  get letGo(): number {
    return this.#letGo;
  }

  /** The number of the last row; 0 where there was none. */
  get last(): number {
    return this.#next - 1;
  }

  at(index: number): Row | undefined {
    return this.#rows[index];
  }

  /** Where the row of a number is; -1 where it is not. */
  indexOf(no: number): number {
    const index = no - (this.#rows[0]?.no ?? this.#next);
    return index >= 0 && index < this.#rows.length ? index : -1;
  }

  record(text: string, level: Level | null): void {
    this.#add({ kind: "record", no: this.#next, text, level });
  }

  /** The same mark twice in a row is one. */
  mark(text: string, tone: Mark["tone"] = "soft"): void {
    const before = this.#rows.at(-1);
    if (before?.kind === "mark" && before.text === text) return;
    this.#add({ kind: "mark", no: this.#next, text, tone });
  }

  /** The rows as they are now: what comes later does not change them. */
  frozen(): readonly Row[] {
    return this.#rows.slice();
  }

  clear(): void {
    this.#rows = [];
    this.#letters = 0;
  }

  #add(row: Row): void {
    this.#next += 1;
    this.#rows.push(row);
    this.#letters += row.text.length;
    if (this.#rows.length > this.most || this.#letters > this.mostLetters) this.#shrink();
  }

  #shrink(): void {
    const rows = this.most * (1 - LET_GO_SHARE);
    const letters = this.mostLetters * (1 - LET_GO_SHARE);
    let gone = 0;
    while (this.#rows.length - gone > 1 && (this.#rows.length - gone > rows || this.#letters > letters)) {
      this.#letters -= this.#rows[gone]?.text.length ?? 0;
      gone += 1;
    }
    this.#rows = this.#rows.slice(gone);
    this.#letGo += gone;
  }
}
