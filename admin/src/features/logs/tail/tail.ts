import { Connection, type Desk, type LogSource, type StreamState } from "@mixdesk/client";
import type { Level } from "../levels";
import { readFrame, type TailFrame } from "./frames";
import { type Fresh, newOf } from "./overlap";
import { probe } from "./probe";
import { Ring } from "./ring";
import { rotatedWords, SEAM_TORN, SEAM_WHOLE, skippedWords } from "./words";

export interface TailWish {
  service: string;
  source: string;
  /** How many of the lines that are there already. */
  lines: number;
  q: string;
  regex: string;
  level: Level | null;
}

const TELL_MS = 120;
const AGAIN_LINES = 5000;
/** Records that are laid over what comes again. */
const KNOWN = 5000;

/**
 * The live tail of one log, outside React: its rows in a ring, and a version that grows when something has changed, a
 * few times a second however many lines come. Connected while somebody listens.
 */
export class Tail {
  readonly ring = new Ring();
  #version = 0;
  #state: StreamState = { phase: "connecting", since: Date.now() };
  #source: LogSource | null = null;
  #partial: string | null = null;
  #gone: string | null = null;
  #live = false;
  #past = 0;
  #again: Fresh[] | null = null;
  #connection: Connection | null = null;
  #listeners = new Set<() => void>();
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly desk: Desk,
    readonly wish: TailWish,
  ) {}

  get version(): number {
    return this.#version;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** The log as the desk describes it; null until it has. */
  get source(): LogSource | null {
    return this.#source;
  }

  /** The line that has no end yet. */
  get partial(): string | null {
    return this.#partial;
  }

  /** Why nothing comes. */
  get gone(): string | null {
    return this.#gone;
  }

  /** Whether what was there already has been sent. */
  get live(): boolean {
    return this.#live;
  }

  /** Whether there may be older lines than those that came first. */
  get hasOlder(): boolean {
    return this.#live && this.#past >= this.wish.lines;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#connection ??= this.#opened();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#connection?.close();
      this.#connection = null;
    };
  }

  #opened(): Connection {
    const { service, source, q, regex, level } = this.wish;
    return new Connection(this.desk, {
      path: `/admin/logs/stream/${encodeURIComponent(service)}/${encodeURIComponent(source)}`,
      query: () => ({
        lines: this.ring.length > 0 ? Math.max(this.wish.lines, AGAIN_LINES) : this.wish.lines,
        q: q || undefined,
        regex: regex || undefined,
        level: level ?? undefined,
        ansi: "keep",
      }),
      onFrame: (frame) => {
        const read = readFrame(frame);
        if (read !== null) this.#take(read);
      },
      check: () => probe(this.desk, this.wish),
      onState: (state) => {
        this.#state = state;
        this.#tell();
      },
    });
  }

  #take(frame: TailFrame): void {
    if (frame.kind === "source") this.#begin(frame.source);
    else if (frame.kind === "records") this.#add(frame.records);
    else if (frame.kind === "partial") this.#partial = frame.text;
    else if (frame.kind === "skipped") this.#skipped(frame.lines);
    else if (frame.kind === "rotated") this.ring.mark(rotatedWords(frame.how));
    else if (frame.kind === "gone") this.#stopped(frame.why);
    else this.#complete();
    this.#tell();
  }

  #begin(source: LogSource): void {
    this.#source = source;
    this.#again = this.ring.length > 0 ? [] : null;
    this.#partial = null;
    this.#gone = null;
  }

  #add(records: readonly Fresh[]): void {
    if (this.#again !== null) {
      this.#again.push(...records);
      return;
    }
    if (!this.#live) this.#past += this.#counted(records);
    for (const { text, level } of records) this.ring.record(text, level);
    this.#partial = null;
    this.#gone = null;
  }

  /** As the desk counts what it sends: records where a filter chose them, else lines. */
  #counted(records: readonly Fresh[]): number {
    const { q, regex, level } = this.wish;
    if (q || regex || level) return records.length;
    return records.reduce((sum, { text }) => sum + text.split("\n").length, 0);
  }

  #skipped(lines: number): void {
    // what is sent again and has a hole shows it where it is laid over what was there
    if (this.#again === null) this.ring.mark(skippedWords(lines, this.#live), "warn");
  }

  #stopped(why: string): void {
    this.#complete();
    this.#gone = why;
    this.ring.mark(why, "warn");
  }

  #complete(): void {
    this.#live = true;
    const again = this.#again;
    if (again === null) return;
    this.#again = null;
    const fresh = newOf(lastTexts(this.ring), again);
    this.ring.mark(fresh === null ? SEAM_TORN : SEAM_WHOLE, fresh === null ? "warn" : "soft");
    for (const { text, level } of fresh ?? again) this.ring.record(text, level);
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#version += 1;
      for (const listener of this.#listeners) listener();
    }, TELL_MS);
  }
}

function lastTexts(ring: Ring): string[] {
  const texts: string[] = [];
  for (let index = Math.max(0, ring.length - KNOWN); index < ring.length; index += 1) {
    const row = ring.at(index);
    if (row?.kind === "record") texts.push(row.text);
  }
  return texts;
}
