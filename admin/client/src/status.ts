import type { Job, Me, Operation, Role, ShownStatus } from "./types.ts";

const FINAL: readonly ShownStatus[] = ["succeeded", "failed", "canceled"];

/** The word for a job: its status, or `lost` where its lease has run out. */
export function shownStatus(job: Pick<Job, "status" | "lost">): ShownStatus {
  return job.lost ? "lost" : job.status;
}

export function isFinal(job: Pick<Job, "status">): boolean {
  return FINAL.includes(job.status);
}

/** Whether somebody has one of the roles, or one above it: viewer < operator < admin. */
export function may(me: Pick<Me, "roles"> | null | undefined, role: Role): boolean {
  const order: readonly string[] = ["viewer", "operator", "admin"];
  if (!me) return false;
  if (!order.includes(role)) return me.roles.includes(role);
  return me.roles.some((one) => order.indexOf(one) >= order.indexOf(role));
}

const OVER: readonly string[] = ["succeeded", "failed", "superseded", "moot", "canceled"];

/** Whether an operation has ended. */
export function isOver(operation: Pick<Operation, "state">): boolean {
  return OVER.includes(operation.state);
}
