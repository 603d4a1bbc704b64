import type { Desk } from "../desk.ts";

/**
 * How a stream stands.
 *
 * connecting    never connected yet
 * live          frames come
 * reconnecting  it was live, and is tried again by itself: what is shown is stale
 * ended         signed out or refused: `reason` says why, nothing more is tried
 */
export interface StreamState {
  readonly phase: "connecting" | "live" | "reconnecting" | "ended";
  /** Milliseconds by the browser's clock: since when it stands so. */
  readonly since: number;
  readonly reason?: string;
}

export interface StreamOptions {
  path: string;
  /** Asked anew at each attempt: a stream that can go on says from where. */
  query?: () => Record<string, string | number | undefined>;
  onFrame: (frame: unknown) => void;
  onState?: (state: StreamState) => void;
  /** Shortest and longest pause between two attempts, in milliseconds. */
  backoff?: readonly [number, number];
}

const SIGNED_OUT = 4401;

/** A WebSocket that comes back by itself: pauses double, with jitter, and it ends where the right to it has ended. */
export class Connection {
  #state: StreamState = { phase: "connecting", since: Date.now() };
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #closed = false;

  constructor(
    private readonly desk: Desk,
    private readonly options: StreamOptions,
  ) {
    void this.#attempt();
  }

  get state(): StreamState {
    return this.#state;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  async #attempt(): Promise<void> {
    try {
      // refused handshakes look like broken ones to a page: who one is says which it was
      await this.desk.me();
      if (this.#closed) return;
      this.#listen(await this.desk.open(this.options.path, this.options.query?.()));
    } catch (problem) {
      if (this.#closed) return;
      const status = (problem as { status?: number }).status;
      if (status === 401 || status === 403) this.#become("ended", String((problem as Error).message));
      else this.#again();
    }
  }

  #listen(socket: WebSocket): void {
    if (this.#closed) {
      socket.close();
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.#become("live");
    };
    socket.onmessage = (event) => this.options.onFrame(JSON.parse(String(event.data)));
    socket.onclose = (event) => {
      if (this.#closed) return;
      if (event.code === SIGNED_OUT) this.#become("ended", "the session has ended");
      else this.#again();
    };
  }

  #again(): void {
    const [least, most] = this.options.backoff ?? [250, 10_000];
    const pause = Math.min(most, least * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    if (this.#state.phase === "live") this.#become("reconnecting");
    this.#timer = setTimeout(() => void this.#attempt(), pause);
  }

  #become(phase: StreamState["phase"], reason?: string): void {
    this.#state = { phase, since: Date.now(), ...(reason === undefined ? {} : { reason }) };
    this.options.onState?.(this.#state);
  }
}
