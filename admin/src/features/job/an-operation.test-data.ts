import type { Operation } from "@mixdesk/client";
import { andThen } from "./actions/and-then";

/** A request for a checkpoint that nobody has taken up yet, with what a test changes of it. */
export function anOperation(change: Partial<Operation> = {}): Operation {
  return {
    id: "op1",
    action: "checkpoint",
    kind: "job",
    target: "0198f3c2",
    state: "pending",
    generation: 1,
    params: andThen("continue"),
    steps: [],
    result: null,
    error: null,
    actor: "anna",
    owner: null,
    created_at: "2026-11-24T12:00:00Z",
    updated_at: "2026-11-24T12:00:00Z",
    ended_at: null,
    revision: 1,
    ...change,
  };
}
