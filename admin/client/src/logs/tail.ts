import type { Desk } from "../desk.ts";
import { unwrap } from "../problem.ts";
import { Connection, type StreamState } from "../streams/connection.ts";
import { SharedSource } from "../streams/source.ts";
import type { LogSource } from "../types.ts";
import { entriesOf, type NewEntry } from "./entries.ts";
import { type LogFrame, type LogLevel, readFrame } from "./frames.ts";
import { rejoin } from "./rejoin.ts";
import { LogRing } from "./ring.ts";

export interface LogTailOptions {
  /** How many lines of what is there already, with a filter how many records; 200, at most 100,000. */
  lines?: number;
  /** A text that records contain, whatever its case. */
  q?: string;
  /** A pattern that they match (RE2). */
  regex?: string;
  /** This level or a worse one. */
  level?: LogLevel;
  /** Keep colours (ANSI sequences). */
  ansi?: boolean;
  /** How many entries are kept; 20,000. */
  keep?: number;
}

/** How a tail stands. The entries are in `tail.ring`, outside: a copy of them at each change would be dear. */
export interface LogTailView {
  /** Grows with each change. */
  readonly version: number;
  /** Numbers of the entries that are kept: `first` to `end - 1`. */
  readonly first: number;
  readonly end: number;
  /** What is shown, as the list of sources has it; null until the desk has said. */
  readonly source: LogSource | null;
  /** A line that has no end yet, or the state of a progress bar. */
  readonly partial: string | null;
  /** What was there has been sent: from here on it is new. */
  readonly live: boolean;
  /** Why nothing comes at the moment; null while lines may come. */
  readonly gone: string | null;
  /** As many as asked for were there, so there may be older ones: a tail with more `lines` has them. */
  readonly older: boolean;
}

const START: LogTailView = {
  version: 0,
  first: 1,
  end: 1,
  source: null,
  partial: null,
  live: false,
  gone: null,
  older: false,
};
const DEFAULT_LINES = 200;
const TELL_MS = 100;
/** After a break so many are asked for at least: what was written meanwhile, and where it joins. */
const REJOIN_LINES = 5000;
/** Nothing has been written yet at this time: the desk checks what is asked for, and reads nothing. */
const NEVER = "2999-01-01T00:00:00Z";

/** A log as it grows. Made for thousands of lines a second: listeners are told ten times a second at most. */
export class LogTail extends SharedSource<LogTailView> {
  readonly ring: LogRing;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #stands = START;
  /** What is sent again after a break, until it is known where it joins. */
  #again: NewEntry[] | null = null;
  /** How much of what was there has come with the first connection, as the desk counts it. */
  #past = 0;

  constructor(
    private readonly desk: Desk,
    readonly service: string,
    readonly name: string,
    readonly options: LogTailOptions = {},
  ) {
    super(START);
    this.ring = new LogRing(options.keep);
  }

  /** Forgets what was sent so far; what comes is kept. */
  clear(): void {
    this.ring.clear();
    this.#flush();
  }

  protected connect(): Connection {
    return new Connection(this.desk, {
      path: `/admin/logs/stream/${encodeURIComponent(this.service)}/${encodeURIComponent(this.name)}`,
      query: () => this.#query(),
      onFrame: (frame) => this.#take(readFrame(frame)),
      onState: (state) => this.#connected(state),
      check: () => this.#check(),
    });
  }

  protected left(): void {
    this.#flush();
  }

  get #lines(): number {
    return this.options.lines ?? DEFAULT_LINES;
  }

  get #filtered(): boolean {
    const { q, regex, level } = this.options;
    return Boolean(q || regex || level);
  }

  #holdsText(): boolean {
    return this.ring.newestTexts(1).length > 0;
  }

  #query() {
    const { q, regex, level, ansi } = this.options;
    const lines = this.#holdsText() ? Math.max(this.#lines, REJOIN_LINES) : this.#lines;
    return { lines, q: q || undefined, regex: regex || undefined, level, ansi: ansi ? "keep" : undefined };
  }

  #connected(state: StreamState): void {
    if (state.phase === "live") {
      this.#again = this.#holdsText() ? [] : null;
      if (this.#again === null) this.#past = 0;
      this.#stands = { ...this.#stands, partial: null, live: false, gone: null };
    }
    this.tell({ state });
  }

  #take(frame: LogFrame): void {
    const { live } = this.#stands;
    this.#add(entriesOf(frame, !live), live);
    if (frame.lines !== undefined) this.#stands = { ...this.#stands, partial: null, gone: null };
    else if (frame.source !== undefined) this.#stands = { ...this.#stands, source: frame.source };
    else if (frame.partial !== undefined) this.#stands = { ...this.#stands, partial: frame.partial };
    else if (frame.gone !== undefined) this.#complete(frame.gone);
    else if (frame.live) this.#complete(this.#stands.gone);
    this.#telling ??= setTimeout(() => this.#flush(), TELL_MS);
  }

  #add(entries: readonly NewEntry[], live: boolean): void {
    if (this.#again !== null) {
      for (const entry of entries) this.#again.push(entry);
      return;
    }
    for (const entry of entries) {
      if (!live) this.#past += this.#counted(entry);
      this.ring.push(entry);
    }
  }

  /** As the desk counts what it sends: records where a filter chose them, else lines. */
  #counted(entry: NewEntry): number {
    if (entry.kind !== "record") return 0;
    return this.#filtered ? 1 : entry.text.split("\n").length;
  }

  /** What was there has been sent, or nothing more of it comes. */
  #complete(gone: string | null): void {
    const again = this.#again;
    this.#again = null;
    let older = this.#past >= this.#lines;
    if (again !== null) {
      // the first connection may have broken before all had come: then it is not known how much there is
      older ||= !this.view().ready;
      const { whole, fresh } = rejoin(this.ring, again);
      this.ring.push({ kind: "seam", whole });
      for (const entry of fresh) this.ring.push(entry);
    }
    this.#stands = { ...this.#stands, live: true, gone, older };
  }

  #flush(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const { first, end } = this.ring;
    this.#stands = { ...this.#stands, version: this.#stands.version + 1, first, end };
    this.tell({ data: this.#stands, ready: this.view().ready || this.#stands.live });
  }

  /** Why the desk refuses this stream, which a handshake cannot say: a search takes the same, and is told in words. */
  async #check(): Promise<void> {
    const { q, regex, level } = this.options;
    const query = {
      source: [`${this.service}/${this.name}`],
      since: NEVER,
      limit: 1,
      ...(q ? { q } : {}),
      ...(regex ? { regex } : {}),
      ...(level ? { level } : {}),
    };
    await unwrap(this.desk.rest.GET("/admin/logs/search", { params: { query }, parseAs: "text" }));
  }
}
