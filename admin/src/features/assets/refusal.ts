import { DeskProblem } from "@mixdesk/client";
import { isRecord, numberOf } from "@/features/operations/outcome";

/** Who holds the memory that is missing, as a refusal names it; `asset` null for all that is no asset's. */
export interface Holder {
  readonly asset: string | null;
  readonly gpu: number;
  readonly usedMb: number | null;
  readonly reservedMb: number;
  readonly leaked: boolean;
  readonly jobs: readonly string[];
}

/** What a refusal of a start or stop adds to its reason. */
interface Refusal {
  readonly reason: string;
  readonly holders: readonly Holder[];
  readonly stop: readonly string[] | null;
  readonly dependents: readonly string[];
  readonly jobs: readonly string[];
  readonly holds: readonly { readonly asset: string; readonly actor: string; readonly expiresAt: string }[];
}

/** A refusal in full; whatever else went wrong has its reason alone. */
export function refusalOf(problem: Error): Refusal {
  const body = problem instanceof DeskProblem ? problem.body : {};
  return {
    reason: problem.message,
    holders: records(body.holders).map((one) => ({
      asset: textOf(one.asset),
      gpu: numberOf(one.gpu) ?? 0,
      usedMb: numberOf(one.used_mb),
      reservedMb: numberOf(one.reserved_mb) ?? 0,
      leaked: one.leaked === true,
      jobs: texts(one.jobs),
    })),
    stop: Array.isArray(body.stop) ? texts(body.stop) : null,
    dependents: texts(body.dependents),
    jobs: texts(body.jobs),
    holds: records(body.holds).map((one) => ({
      asset: textOf(one.asset) ?? "",
      actor: textOf(one.actor) ?? "",
      expiresAt: textOf(one.expires_at) ?? "",
    })),
  };
}

/** What is wrong with a registry, one line each. */
export function problemsOf(problem: Error): readonly string[] {
  return problem instanceof DeskProblem ? texts(problem.body.problems) : [];
}

function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
