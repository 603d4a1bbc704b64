import type { Desk } from "../desk.ts";
import { DeskProblem, unwrap } from "../problem.ts";
import { Connection, type StreamState } from "../streams/connection.ts";
import { SharedSource } from "../streams/source.ts";
import type { LogSource } from "../types.ts";
import { entriesOf, type LogFrame, type LogLevel, type NewEntry } from "./entries.ts";
import { known } from "./overlap.ts";
import { LogRing } from "./ring.ts";

export interface LogTailOptions {
  /** How many records of what is there already; 200, at most 100,000. */
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
}

const START: LogTailView = { version: 0, first: 1, end: 1, source: null, partial: null, live: false, gone: null };
const TELL_MS = 80;
/** After a break so many are asked for at least: what was written meanwhile, and where it joins. */
const REJOIN_LINES = 2000;

/** A log as it grows. Made for thousands of lines a second: listeners are told a dozen times a second at most. */
export class LogTail extends SharedSource<LogTailView> {
  readonly ring: LogRing;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #stands = START;
  /** What is sent again after a break, until it is known where it joins. */
  #again: NewEntry[] | null = null;

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
      onFrame: (frame) => this.#take(frame as LogFrame),
      onState: (state) => this.#connected(state),
      check: () => this.#check(),
    });
  }

  protected left(): void {
    this.#flush();
  }

  #query() {
    const { lines = 200, q, regex, level, ansi } = this.options;
    const asked = this.ring.length > 0 ? Math.max(lines, REJOIN_LINES) : lines;
    return { lines: asked, q: q || undefined, regex: regex || undefined, level, ansi: ansi ? "keep" : undefined };
  }

  #connected(state: StreamState): void {
    if (state.phase === "live") {
      this.#again = this.ring.length > 0 ? [] : null;
      this.#stands = { ...this.#stands, partial: null, live: false };
    }
    this.tell({ state });
  }

  #take(frame: LogFrame): void {
    const added = entriesOf(frame);
    if (this.#again !== null) this.#again.push(...added);
    else for (const entry of added) this.ring.push(entry);
    const gone = frame.gone ?? (frame.lines === undefined ? this.#stands.gone : null);
    let { partial, source, live } = this.#stands;
    if (frame.source !== undefined) source = frame.source;
    if (frame.partial !== undefined) partial = frame.partial;
    else if (frame.lines !== undefined) partial = null;
    if (frame.live) {
      live = true;
      this.#rejoin();
    }
    this.#stands = { ...this.#stands, partial, source, live, gone };
    this.#telling ??= setTimeout(() => this.#flush(), TELL_MS);
  }

  #rejoin(): void {
    const again = this.#again;
    this.#again = null;
    if (again === null) return;
    const texts = again.flatMap((entry) => (entry.kind === "record" ? [entry.text] : []));
    const there = known(this.ring.newestTexts(texts.length), texts);
    this.ring.push({ kind: "seam", whole: there > 0 });
    let passed = 0;
    for (const entry of again) {
      if (passed >= there) this.ring.push(entry);
      if (entry.kind === "record") passed += 1;
    }
  }

  #flush(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const { first, end } = this.ring;
    this.#stands = { ...this.#stands, version: this.#stands.version + 1, first, end };
    this.tell({ data: this.#stands, ready: this.view().ready || this.#stands.live });
  }

  /** Why the desk refuses this stream: a handshake cannot say it. */
  async #check(): Promise<void> {
    const path = { service: this.service };
    const { items } = await unwrap(this.desk.rest.GET("/admin/logs/sources/{service}", { params: { path } }));
    const source = items.find((one) => one.id === this.name || one.kind === this.name);
    if (source === undefined) {
      throw new DeskProblem(404, "Not Found", `the service ${this.service} has no log ${this.name}`);
    }
    const { q, regex, level } = this.options;
    if (!q && !regex && !level) return;
    // a search takes the same filters and says what is wrong with them
    const query = { q, regex, level, source: [`${this.service}/${source.id}`], since: "1s", limit: 1 };
    await unwrap(this.desk.rest.GET("/admin/logs/search", { params: { query }, parseAs: "text" }));
  }
}
