import type { Desk } from "../desk.ts";
import { Connection, type StreamState } from "./connection.ts";
import { same } from "./same.ts";
import { SharedSource } from "./source.ts";

type Items<T> = ReadonlyMap<string, T>;

export interface Kind<T> {
  path: string;
  /** The name of the item in a frame. */
  noun: string;
  id: (item: T) => string;
  /**
   * Asks by REST for what the stream begins with: whether there is any. Throws DeskProblem where the desk refuses. A
   * stream says neither: an empty one sends no frame, and a refused handshake looks like a broken one.
   */
  any: () => Promise<boolean>;
}

interface Frame {
  readonly revision?: number;
  readonly deleted?: string;
  readonly reset?: boolean;
  readonly [noun: string]: unknown;
}

/** Changes are told together, at most so often. */
const TELL_MS = 50;
/** What is there is whole when nothing more has come for so long, and after the longer time in any case. */
const SETTLED_MS = 60;
const SETTLE_AT_MOST_MS = 2000;
/** A stream that is silent so long after it opened may be that of an empty collection. */
const SILENT_MS = 100;

/** All things of one kind, kept up to date: `{"revision", noun}` changes one, `deleted` takes it out, `reset` all. */
export class Collection<T> extends SharedSource<Items<T>> {
  #items = new Map<string, T>();
  /** The items of before a reset, which are shown until the new ones are whole. */
  #before: Map<string, T> | null = null;
  #revision: number | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #filling: number | null = null;
  #heard = 0;

  constructor(
    private readonly desk: Desk,
    private readonly kind: Kind<T>,
    private readonly query: Record<string, string> = {},
  ) {
    super(new Map());
  }

  protected connect(): Connection {
    return new Connection(this.desk, {
      path: this.kind.path,
      query: () => ({ ...this.query, after: this.#revision }),
      onFrame: (frame) => this.#take(frame as Frame),
      onState: (state) => this.#stands(state),
      check: this.kind.any,
    });
  }

  protected left(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#telling);
    this.#telling = undefined;
    if (this.#heard > 0) this.#tellNow();
  }

  #stands(state: StreamState): void {
    this.tell({ state });
    clearTimeout(this.#silence);
    if (state.phase === "live" && !this.view().ready) this.#silence = setTimeout(() => void this.#ask(), SILENT_MS);
  }

  /** Nothing came: because there is nothing? */
  async #ask(): Promise<void> {
    if (this.#heard > 0 || this.view().ready) return;
    try {
      if (!(await this.kind.any()) && this.#heard === 0) this.tell({ data: new Map(), ready: true });
    } catch {
      // the stream's own state says what is wrong with the desk
    }
  }

  #take(frame: Frame): void {
    this.#heard = Date.now();
    if (frame.reset) {
      this.#before = this.#items;
      this.#items = new Map();
      this.#filling = this.#heard;
    } else if (!this.view().ready) this.#filling ??= this.#heard;
    const item = frame[this.kind.noun] as T | undefined;
    if (item !== undefined) this.#put(item);
    else if (typeof frame.deleted === "string") this.#items.delete(frame.deleted);
    if (typeof frame.revision === "number") this.#revision = frame.revision;
    this.#telling ??= setTimeout(() => this.#due(), TELL_MS);
  }

  #put(item: T): void {
    const id = this.kind.id(item);
    const known = this.#before?.get(id);
    // what a reset sends again and is the same stays the same object: a page draws nothing anew for it
    this.#items.set(id, known !== undefined && same(known, item) ? known : item);
  }

  #due(): void {
    this.#telling = undefined;
    const now = Date.now();
    const whole = now - this.#heard >= SETTLED_MS || now - (this.#filling ?? 0) >= SETTLE_AT_MOST_MS;
    if (this.#filling === null || whole) this.#tellNow();
    else this.#telling = setTimeout(() => this.#due(), TELL_MS);
  }

  #tellNow(): void {
    this.#filling = null;
    this.#before = null;
    this.tell({ data: new Map(this.#items), ready: true });
  }
}
