import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./api.ts";
import { DeskClock } from "./clock.ts";
import { unwrap } from "./problem.ts";
import type { Me } from "./types.ts";

export const PROTOCOL = "mixdesk.v1";

export interface DeskOptions {
  /** `https://desk.example`; left out on a page that the desk itself serves. */
  url?: string;
  /** A bearer token, such as an embed's; left out where the session's cookie speaks. */
  token?: string;
  fetch?: typeof globalThis.fetch;
  WebSocket?: typeof globalThis.WebSocket;
}

/** One desk: its REST with types, its streams' addresses, its clock. */
export class Desk {
  readonly url: string;
  readonly rest: Client<paths>;
  readonly clock = new DeskClock();
  readonly WebSocket: typeof globalThis.WebSocket;
  readonly #token: string | undefined;

  constructor(options: DeskOptions = {}) {
    this.url = (options.url ?? "").replace(/\/+$/, "");
    this.#token = options.token;
    this.WebSocket = options.WebSocket ?? globalThis.WebSocket;
    this.rest = createClient<paths>({
      baseUrl: this.url || globalThis.location?.origin || "",
      headers: options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` },
      ...(options.fetch ? { fetch: options.fetch } : {}),
    });
  }

  /** Who asks, and the desk's clock set by the way. Throws DeskProblem: 401 signed out, 0 no answer. */
  async me(): Promise<Me> {
    const asked = Date.now();
    const me = await unwrap(this.rest.GET("/auth/me"));
    this.clock.heard(me.now, asked, Date.now());
    return me;
  }

  /** Opens a WebSocket of the desk: by the session's cookie, or by a ticket where a bearer token speaks. */
  async open(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<WebSocket> {
    const protocols = [PROTOCOL];
    if (this.#token !== undefined) {
      const { ticket } = await unwrap(this.rest.POST("/auth/ws-ticket", { body: { path } }));
      protocols.push(`ticket.${ticket}`);
    }
    const url = new URL(path, this.url || globalThis.location.origin);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return new this.WebSocket(url, protocols);
  }
}
