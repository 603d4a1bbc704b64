import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { paths } from "./api.ts";
import { Bearer, type TicketSource, type Traded } from "./bearer.ts";
import { DeskClock } from "./clock.ts";
import { type DeskProblem, unwrap } from "./problem.ts";
import type { Me } from "./types.ts";

export const PROTOCOL = "mixdesk.v1";

export interface DeskOptions {
  /** `https://desk.example`; left out on a page that the desk itself serves. */
  url?: string;
  /** A bearer token; left out where the session's cookie speaks. */
  token?: string;
  /**
   * An embed ticket, or what gets one from the page's own server: traded for a bearer of 15 minutes that lives in memory
   * alone. A function is asked again before that ends; a text is for one time, and then `onExpired` is called.
   */
  ticket?: string | TicketSource;
  /** Called once, when the right that came of `ticket` has ended and cannot be had anew. */
  onExpired?: (problem: DeskProblem) => void;
  fetch?: typeof globalThis.fetch;
  WebSocket?: typeof globalThis.WebSocket;
}

/** An answer younger than this says that the desk is there. */
const FRESH_MS = 3000;

/** One desk: its REST with types, its streams' addresses, its clock. */
export class Desk {
  readonly url: string;
  readonly rest: Client<paths>;
  readonly clock = new DeskClock();
  readonly #options: DeskOptions;
  readonly #bearer: Bearer | null;
  #checking: Promise<Me> | null = null;
  #checked: { at: number; me: Me } | null = null;

  constructor(options: DeskOptions = {}) {
    this.#options = options;
    this.url = (options.url ?? "").replace(/\/+$/, "");
    this.rest = this.#client(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` });
    this.#bearer = options.ticket === undefined ? null : this.#bearerOf(options.ticket, options.onExpired);
    if (this.#bearer !== null) this.rest.use(speaking(this.#bearer, options.fetch));
  }

  /** The WebSocket that streams are opened with. */
  get WebSocket(): typeof globalThis.WebSocket {
    const known = this.#options.WebSocket ?? globalThis.WebSocket;
    if (known === undefined) {
      throw new Error("this runtime has no WebSocket: give one, new Desk({ WebSocket }) (Node has its own from 22 on)");
    }
    return known;
  }

  /** Who asks, and the desk's clock set by the way. Throws DeskProblem: 401 signed out, 0 no answer. */
  async me(signal?: AbortSignal): Promise<Me> {
    const asked = Date.now();
    this.#checked = null;
    const me = await unwrap(this.rest.GET("/auth/me", signal === undefined ? {} : { signal }));
    const came = Date.now();
    this.clock.heard(me.now, asked, came);
    this.#checked = { at: came, me };
    return me;
  }

  /** `me`, asked once for all who want to know it at the same time: whether the desk is there, and lets one in. */
  check(signal?: AbortSignal): Promise<Me> {
    const known = this.#checked;
    if (known !== null && Math.abs(Date.now() - known.at) < FRESH_MS) return Promise.resolve(known.me);
    this.#checking ??= this.me(signal).finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** What `check` knows is not believed any more: a stream broke, or the network came back. */
  doubt(): void {
    this.#checked = null;
  }

  /** Opens a WebSocket of the desk: by the session's cookie, or by a ticket where a bearer token speaks. */
  async open(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<WebSocket> {
    const protocols = [PROTOCOL];
    if (this.#options.token !== undefined || this.#bearer !== null) {
      const { ticket } = await unwrap(this.rest.POST("/auth/ws-ticket", { body: { path: decodeURIComponent(path) } }));
      protocols.push(`ticket.${ticket}`);
    }
    const url = new URL(this.#base() + path);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return new this.WebSocket(url, protocols);
  }

  #base(): string {
    return this.url || globalThis.location?.origin || "";
  }

  #client(headers: Record<string, string>): Client<paths> {
    const { fetch } = this.#options;
    const client = createClient<paths>({
      baseUrl: this.#base(),
      headers,
      ...(fetch === undefined ? {} : { fetch }),
    });
    client.use(AS_JSON);
    return client;
  }

  #bearerOf(tickets: string | TicketSource, onExpired: DeskOptions["onExpired"]): Bearer {
    const bare = this.#client({});
    const trade = async (ticket: string): Promise<Traded> => {
      const asked = Date.now();
      const me = await unwrap(bare.POST("/auth/login", { body: { ticket } }));
      this.clock.heard(me.now, asked, Date.now());
      return { token: me.token ?? "", endsAt: me.expires_at ? Date.parse(me.expires_at) : null };
    };
    return new Bearer(tickets, { trade, now: () => this.clock.now(), onExpired });
  }
}

const READING: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** A change says that it is JSON, also without a body: the desk takes no change by cookie that a foreign form can send. */
const AS_JSON: Middleware = {
  onRequest({ request }) {
    if (READING.includes(request.method) || request.headers.has("Content-Type")) return undefined;
    request.headers.set("Content-Type", "application/json");
    return request;
  },
};

/** Puts the bearer on each request; where the desk takes it no more, tries once with a new one. */
function speaking(bearer: Bearer, ask: typeof globalThis.fetch = globalThis.fetch): Middleware {
  const spare = new WeakMap<Request, Request>();
  return {
    async onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${await bearer.token()}`);
      spare.set(request, request.clone());
      return request;
    },
    async onResponse({ request, response }) {
      if (response.status !== 401) return response;
      const again = spare.get(request);
      const refused = request.headers.get("Authorization")?.slice("Bearer ".length) ?? "";
      if (again === undefined || !(await bearer.refused(refused))) return response;
      again.headers.set("Authorization", `Bearer ${await bearer.token()}`);
      return ask(again);
    },
  };
}
