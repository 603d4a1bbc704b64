import { isOver, type Operation } from "@mixdesk/client";

/** How far one asset of an operation is. `wait` not begun, `left` never come to. */
export type Stage = "wait" | "loading" | "ready" | "stopping" | "stopped" | "failed" | "left";

/** One asset of an operation on its way, as the steps of the operation tell it. */
export interface Leg {
  readonly asset: string;
  readonly does: "start" | "stop";
  readonly stage: Stage;
  /** What was said of it last, without its name. */
  readonly said: string | null;
  /** Milliseconds since the epoch by the desk: when work on it began, and ended. */
  readonly began: number | null;
  readonly ended: number | null;
}

const ENDS: readonly Stage[] = ["ready", "stopped", "failed"];

/** The assets of an operation in the order in which they are dealt with: those that make room first. */
export function legsOf(operation: Operation): Leg[] {
  const stops = idsOf(operation.params.stops).map((asset) => ({ asset, does: "stop" as const }));
  const starts = idsOf(operation.params.starts).map((asset) => ({ asset, does: "start" as const }));
  return [...stops, ...starts].map(({ asset, does }) => legOf(operation, asset, does));
}

/** The steps that are about no asset of the operation: what happened to it as a whole, beyond that it was asked and ended. */
export function ownSteps(operation: Operation): Operation["steps"] {
  const known = [...idsOf(operation.params.starts), ...idsOf(operation.params.stops)];
  const told = known.length === 0 ? [] : ["asked", operation.state];
  return operation.steps.filter(
    ({ step }) => !told.includes(step) && !known.some((asset) => step.startsWith(`${asset} `)),
  );
}

export function isOpen(operation: Pick<Operation, "state">): boolean {
  return !isOver(operation);
}

function legOf(operation: Operation, asset: string, does: Leg["does"]): Leg {
  let leg: Leg = { asset, does, stage: isOpen(operation) ? "wait" : "left", said: null, began: null, ended: null };
  for (const { at, step } of operation.steps) {
    if (!step.startsWith(`${asset} `)) continue;
    const said = step.slice(asset.length + 1);
    const stage = stageOf(said);
    const time = Date.parse(at);
    leg = { ...leg, said, stage, began: leg.began ?? time, ended: ENDS.includes(stage) ? time : null };
  }
  return leg;
}

function stageOf(said: string): Stage {
  if (said === "is being started") return "loading";
  if (said === "is being stopped") return "stopping";
  if (said === "runs already" || said.startsWith("runs, ready")) return "ready";
  if (said === "was stopped already" || said.startsWith("has stopped")) return "stopped";
  return "failed";
}

function idsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
