const NAME = "mixdesk-session";

/** Tells this person's other tabs that a session began, and hears it from them. */
export class TabsChannel {
  readonly #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(NAME);

  constructor(onSignIn: () => void) {
    if (this.#channel) this.#channel.onmessage = onSignIn;
  }

  tellSignedIn(): void {
    this.#channel?.postMessage("in");
  }

  close(): void {
    this.#channel?.close();
  }
}
