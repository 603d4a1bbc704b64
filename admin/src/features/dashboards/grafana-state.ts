/**
 * How Grafana stands.
 *
 * asking   not known yet
 * unknown  the desk did not say where it is: `reason`
 * absent   none is set
 * closed   it lets nobody in who is bound to an owner
 * down     it does not answer: `reason`
 * there    it answers
 * blind    it is another origin, of which a page cannot know
 */
export type Grafana =
  | { state: "asking" | "absent" | "closed" }
  | { state: "unknown"; reason: string }
  | { state: "down"; address: string; reason: string }
  | { state: "there" | "blind"; address: string };

export interface Answered {
  ok: boolean;
  /** What came, for people. */
  words: string;
}

interface Heard {
  /** Whether the desk has said where it is. */
  asked: boolean;
  problem: string | undefined;
  address: string | null;
  /** Whether it is of the page's own origin. */
  own: boolean;
  /** Whether who asks is bound to an owner. */
  bound: boolean;
  health: Answered | undefined;
}

export function judged({ asked, problem, address, own, bound, health }: Heard): Grafana {
  if (!asked) return problem === undefined ? { state: "asking" } : { state: "unknown", reason: problem };
  if (address === null) return { state: bound ? "closed" : "absent" };
  if (!own) return { state: "blind", address };
  if (health === undefined) return { state: "asking" };
  return health.ok ? { state: "there", address } : { state: "down", address, reason: health.words };
}
