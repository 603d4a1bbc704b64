import { DeskProblem } from "./problem.ts";

/** Gives the secret of an embed ticket: a new one at each call, as each is for one use. */
export type TicketSource = () => Promise<string>;

/** A bearer token and when it ends, in milliseconds by the desk; null where that is not known. */
export interface Traded {
  token: string;
  endsAt: number | null;
}

interface BearerOptions {
  /** Trades a ticket at the desk. */
  trade: (ticket: string) => Promise<Traded>;
  now: () => number;
  /** Called once, when the right has ended and cannot be had anew. */
  onExpired?: ((problem: DeskProblem) => void) | undefined;
}

/** So long before its end a bearer is renewed. */
const EARLY_MS = 60_000;

/** The bearer token that tickets are traded for: in memory alone, renewed before it ends where tickets can be had. */
export class Bearer {
  #held: Traded | null = null;
  #trading: Promise<string> | null = null;
  #over: DeskProblem | null = null;
  #spent = false;

  constructor(
    private readonly tickets: string | TicketSource,
    private readonly options: BearerOptions,
  ) {}

  /** The token to ask with. Throws DeskProblem 401 once it has ended and cannot be had anew. */
  async token(): Promise<string> {
    if (this.#over !== null) throw this.#over;
    if (this.#held === null || this.#isNearItsEnd(this.#held)) return this.renew();
    return this.#held.token;
  }

  /** The desk does not take `token` any more. Whether another one was had instead. */
  async refused(token: string): Promise<boolean> {
    if (this.#over !== null) return false;
    if (this.#held !== null && this.#held.token !== token) return true;
    this.#held = null;
    try {
      await this.renew();
      return true;
    } catch {
      return false;
    }
  }

  private renew(): Promise<string> {
    this.#trading ??= this.#trade().finally(() => {
      this.#trading = null;
    });
    return this.#trading;
  }

  async #trade(): Promise<string> {
    try {
      this.#held = await this.options.trade(await this.#ticket());
      this.#spent = true;
      return this.#held.token;
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  async #ticket(): Promise<string> {
    if (typeof this.tickets !== "string") return this.tickets();
    if (this.#spent) throw new DeskProblem(401, "Ended", "the ticket of this page has ended: ask for a new one");
    return this.tickets;
  }

  #failed(cause: unknown): DeskProblem {
    const problem = cause instanceof DeskProblem ? cause : new DeskProblem(0, "No ticket", String(cause));
    // a desk or server that does not answer is asked again; a refusal is the end of it
    if (problem.status === 401 || problem.status === 403) {
      this.#over = problem;
      this.#held = null;
      this.options.onExpired?.(problem);
    }
    return problem;
  }

  #isNearItsEnd(held: Traded): boolean {
    if (held.endsAt === null) return false;
    const left = held.endsAt - this.options.now();
    // a ticket for one use cannot be renewed: its bearer serves to its end
    return left < (typeof this.tickets === "string" ? 0 : EARLY_MS);
  }
}
