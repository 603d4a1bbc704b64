import type { Connection, StreamState } from "./connection.ts";

/** What a stream knows at one moment. A new object at each change, so that a page sees by identity that it changed. */
export interface View<T> {
  readonly data: T;
  readonly state: StreamState;
  /** Whether what is there already has been sent at least once. */
  readonly ready: boolean;
}

/** Something that can be looked at and listened to; it is connected while somebody listens. */
export interface Source<T> {
  view(): View<T>;
  listen(listener: () => void): () => void;
}

const IDLE_MS = 2000;

/**
 * The common part of all sources: listeners, one connection for all of them, and a short stay after the last has left,
 * so that a walk from one page to the next does not connect anew.
 */
export abstract class SharedSource<T> implements Source<T> {
  #listeners = new Set<() => void>();
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #connection: Connection | null = null;
  #view: View<T>;

  constructor(first: T) {
    this.#view = { data: first, state: { phase: "connecting", since: Date.now() }, ready: false };
  }

  view(): View<T> {
    return this.#view;
  }

  listen(listener: () => void): () => void {
    clearTimeout(this.#leaving);
    if (this.#listeners.size === 0) this.#open();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#leaving = setTimeout(() => this.#close(), IDLE_MS);
      // in Node nobody waits for a stream that nobody listens to
      if (typeof this.#leaving === "object") this.#leaving.unref?.();
    };
  }

  protected tell(change: Partial<View<T>>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of this.#listeners) listener();
  }

  protected abstract connect(): Connection;
  /** Nobody listens any more, and the connection is closed. */
  protected abstract left(): void;

  #open(): void {
    // a right that had ended may be there again
    if (this.#connection?.state.phase === "ended") this.#close();
    if (this.#connection !== null) return;
    if (this.#view.state.phase === "ended") {
      this.#view = { ...this.#view, state: { phase: "connecting", since: Date.now() } };
    }
    this.#connection = this.connect();
  }

  #close(): void {
    this.#connection?.close();
    this.#connection = null;
    this.left();
  }
}
