import type { AuditLine } from "@mixdesk/client";
import { targetHref } from "@/features/operations/target";
import { lookup } from "@/lib/lookup";

export const FILTERS = ["actor", "action", "target", "outcome"] as const;
export type Filter = (typeof FILTERS)[number];
export type Filters = Readonly<Record<Filter, string>>;

/** Every outcome that a line may have. */
export const OUTCOMES = [
  "accepted",
  "succeeded",
  "failed",
  "refused",
  "denied",
  "superseded",
  "moot",
  "canceled",
] as const;

export function filtersOf(query: URLSearchParams): Filters {
  const value = (name: Filter) => query.get(name)?.trim() ?? "";
  return { actor: value("actor"), action: value("action"), target: value("target"), outcome: value("outcome") };
}

/** The filters that are set, as the desk takes them. */
export function setOnes(filters: Filters): Partial<Record<Filter, string>> {
  return Object.fromEntries(FILTERS.filter((name) => filters[name] !== "").map((name) => [name, filters[name]]));
}

/** Where the target of a line is shown: `job.checkpoint` is about a job, `asset.start` about an asset. */
export function hrefOf(line: Pick<AuditLine, "action" | "target">): string | null {
  const [kind, verb] = line.action.split(".");
  return kind === undefined || verb === "reload" ? null : targetHref(kind, line.target);
}

/** The sign and colour of an outcome. */
export function lookOf(outcome: string): readonly [sign: string, colour: string] {
  return lookup(LOOKS, outcome) ?? ["·", "text-soft"];
}

const LOOKS: Record<string, readonly [sign: string, colour: string]> = {
  accepted: ["◔", "text-accent"],
  succeeded: ["✔", "text-good"],
  failed: ["✘", "text-bad"],
  refused: ["⊘", "text-warn"],
  denied: ["⊘", "text-bad"],
  superseded: ["↷", "text-soft"],
  moot: ["∅", "text-soft"],
  canceled: ["■", "text-warn"],
};

/** The different values of a column in what is shown, for the list under its filter. */
export function seen(lines: readonly AuditLine[], column: Exclude<Filter, "outcome">): string[] {
  return [...new Set(lines.map((line) => line[column]))].filter(Boolean).sort();
}
