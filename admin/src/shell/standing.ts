import { DeskProblem, type Me } from "@mixdesk/client";

/**
 * How somebody stands with the desk.
 *
 * asking       nobody has answered yet
 * in           signed in as `me`
 * out          signed out; `why` says what happened, where something did
 * unreachable  the desk gives no answer: what is shown stays, and is said to be stale
 */
export interface Standing {
  readonly state: "asking" | "in" | "out" | "unreachable";
  readonly me: Me | null;
  readonly why: string | null;
}

export const UNASKED: Standing = { state: "asking", me: null, why: null };

const ENDED = "Your session has ended: it was signed out elsewhere, ran out, or its token was revoked.";

export function signedIn(me: Me): Standing {
  return { state: "in", me, why: null };
}

export function signedOut(why: string | null): Standing {
  return { state: "out", me: null, why };
}

/** What becomes of it once the question who one is has failed. */
export function afterProblem(before: Standing, problem: unknown): Standing {
  if (problem instanceof DeskProblem && problem.signedOut) {
    return signedOut(before.me === null ? before.why : ENDED);
  }
  return { ...before, state: "unreachable" };
}
