import { isProblem } from "@mixdesk/client";

const KEY_BYTES = 16;

/**
 * The Idempotency-Key of each wish. As long as nothing has answered, asking again is the same request: its key is new
 * only after an answer, so that what an outage swallowed is not done twice.
 */
export class WishKeys<Wish> {
  readonly #keys = new Map<string, string>();

  keyOf(wish: Wish): string {
    const name = JSON.stringify(wish);
    const key = this.#keys.get(name) ?? newKey();
    this.#keys.set(name, key);
    return key;
  }

  /** The request has come to its end: without a problem, refused, or with no answer at all. */
  settled(wish: Wish, problem: Error | null): void {
    if (isProblem(problem) && problem.unreachable) return;
    this.#keys.delete(JSON.stringify(wish));
  }
}

/** Random, also over plain http, where browsers have no randomUUID. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
