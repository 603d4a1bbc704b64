import type { Desk } from "../desk.ts";
import { DeskProblem } from "../problem.ts";
import { Backoff } from "./backoff.ts";
import { onMoments } from "./moments.ts";

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
  /** Asks by REST for the same thing: throws the DeskProblem that a refused handshake cannot tell a page. */
  check?: () => Promise<unknown>;
  /** After so many milliseconds without a frame the desk is asked whether it is there; 15,000. */
  silence?: number;
}

const SIGNED_OUT = 4401;
const SIGNED_OUT_STATUS = 401;
const CRASHED = 1011;
const NO_CODE = 1006;
/** A close with its code comes so soon after an error. */
const CLOSING_MS = 100;
const SILENCE_MS = 15_000;
const ANSWER_MS = 8000;
/** A stream that stood so long was a good one: the next attempt is soon again. */
const STOOD_MS = 5000;
/** Refusals that another attempt does not change. */
const FOR_GOOD: readonly number[] = [401, 403, 404, 409, 422];

/** A WebSocket that comes back by itself: pauses double, with jitter, and it ends where the right to it has ended. */
export class Connection {
  #state: StreamState = { phase: "connecting", since: Date.now() };
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listening: ReturnType<typeof setTimeout> | undefined;
  #trying = false;
  #closed = false;
  #heard = 0;
  #signedOut = false;
  readonly #backoff: Backoff;
  readonly #leaveMoments: () => void;

  constructor(
    private readonly desk: Desk,
    private readonly options: StreamOptions,
  ) {
    this.#backoff = new Backoff(...(options.backoff ?? []));
    this.#leaveMoments = onMoments(() => this.#atOnce());
    void this.#attempt();
  }

  get state(): StreamState {
    return this.#state;
  }

  close(): void {
    this.#closed = true;
    this.#leaveMoments();
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #attempt(): Promise<void> {
    if (this.#trying || this.#closed) return;
    this.#trying = true;
    clearTimeout(this.#timer);
    try {
      // refused handshakes look like broken ones to a page: who one is says which it was
      await this.desk.check(AbortSignal.timeout(ANSWER_MS));
      if (this.#closed) return;
      this.#listen(await this.desk.open(this.options.path, this.options.query?.()));
    } catch (problem) {
      this.#failed(problem);
    } finally {
      this.#trying = false;
    }
  }

  #listen(socket: WebSocket): void {
    if (this.#closed) {
      socket.close();
      return;
    }
    this.#socket = socket;
    let opened = 0;
    socket.onopen = () => {
      opened = Date.now();
      this.#become("live");
      this.#hear();
    };
    socket.onmessage = (event) => {
      this.#hear();
      this.options.onFrame(JSON.parse(String(event.data)));
    };
    const lost = (code: number) => {
      if (this.#socket !== socket) return;
      this.#drop();
      if (code === SIGNED_OUT) this.#again("the session has ended", () => this.desk.check());
      else if (opened === 0) this.#again(undefined, this.options.check);
      else {
        if (Date.now() - opened > STOOD_MS) this.#backoff.reset();
        this.#again(code === CRASHED ? "the stream failed: the log of the desk has the reason" : undefined);
      }
    };
    socket.onclose = (event) => lost(event.code);
    // some runtimes tell a refused handshake as an error alone
    socket.onerror = () => setTimeout(lost, CLOSING_MS, NO_CODE);
    // and a network that swallows everything tells nothing
    setTimeout(() => opened === 0 && lost(NO_CODE), ANSWER_MS);
  }

  /** The next attempt, unless `check` says that there is no use in one. */
  #again(reason?: string, check?: () => Promise<unknown>): void {
    if (this.#closed) return;
    this.desk.doubt();
    if (this.#state.phase === "live" || reason !== undefined) this.#become(this.#waiting(), reason);
    this.#timer = setTimeout(() => {
      if (check === undefined) void this.#attempt();
      else
        check().then(
          () => this.#attempt(),
          (problem) => this.#failed(problem),
        );
    }, this.#backoff.next());
  }

  #failed(problem: unknown): void {
    if (this.#closed) return;
    const status = problem instanceof DeskProblem ? problem.status : 0;
    const reason = problem instanceof Error ? problem.message : String(problem);
    // one may have signed in again in another tab: that is seen when this one is looked at
    this.#signedOut = status === SIGNED_OUT_STATUS;
    if (FOR_GOOD.includes(status)) {
      this.#become("ended", reason);
    } else this.#again(reason);
  }

  /** The network is back, or the tab is looked at: no waiting, and no trust in a stream that has been silent. */
  #atOnce(): void {
    if (this.#state.phase === "ended" && !this.#signedOut) return;
    if (this.#socket === null) {
      this.#backoff.reset();
      void this.#attempt();
    } else if (this.#state.phase === "live") void this.#ask();
  }

  #hear(): void {
    this.#heard = Date.now();
    this.#listening ??= setTimeout(() => this.#silence(), this.#silenceMs());
  }

  #silence(): void {
    this.#listening = undefined;
    const left = this.#heard + this.#silenceMs() - Date.now();
    // a clock that was set back, or a machine that slept, is no reason to wait longer than once more
    if (left > 0) this.#listening = setTimeout(() => this.#silence(), Math.min(left, this.#silenceMs()));
    else void this.#ask();
  }

  /** Nothing came for a while: a desk that answers is only quiet, one that does not has left the stream half open. */
  async #ask(): Promise<void> {
    const asked = this.#socket;
    this.desk.doubt();
    try {
      await this.desk.check(AbortSignal.timeout(ANSWER_MS));
      if (this.#socket === asked && asked !== null) this.#hear();
    } catch (problem) {
      if (this.#socket !== asked || asked === null) return;
      this.#drop();
      this.#failed(problem);
    }
  }

  #drop(): void {
    clearTimeout(this.#listening);
    this.#listening = undefined;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  #silenceMs(): number {
    return this.options.silence ?? SILENCE_MS;
  }

  #waiting(): StreamState["phase"] {
    return this.#state.phase === "connecting" ? "connecting" : "reconnecting";
  }

  #become(phase: StreamState["phase"], reason?: string): void {
    if (this.#closed) return;
    // since when it stands so: another reason for the same is no new beginning
    const since = phase === this.#state.phase ? this.#state.since : Date.now();
    if (since === this.#state.since && phase === this.#state.phase && reason === this.#state.reason) return;
    this.#state = { phase, since, ...(reason === undefined ? {} : { reason }) };
    this.options.onState?.(this.#state);
  }
}
