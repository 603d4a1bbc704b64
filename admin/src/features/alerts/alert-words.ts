import type { Alert } from "@mixdesk/client";
import { lookup } from "@/lib/lookup";

// What a page may make of the texts in an alert: they come from whoever wrote the rule.

interface AlertPlace {
  kind: "job" | "asset";
  id: string;
  href: string;
}

/** The pages of the job and the asset that its labels name. */
export function placesOf(labels: Readonly<Record<string, string>>): AlertPlace[] {
  const places: AlertPlace[] = [];
  const { job_id: job, asset } = labels;
  if (job) places.push({ kind: "job", id: job, href: `/jobs/detail/?id=${encodeURIComponent(job)}` });
  if (asset) places.push({ kind: "asset", id: asset, href: `/assets/?asset=${encodeURIComponent(asset)}` });
  return places;
}

const RUNBOOK = /^\/runbooks\/[\w.-]+$/;

/** The page of this desk that says what to do, null where the alert names no such page. */
export function runbookOf(alert: Pick<Alert, "runbook">): string | null {
  return alert.runbook !== null && RUNBOOK.test(alert.runbook) ? alert.runbook : null;
}

const SHOWN_ELSEWHERE = ["alertname", "severity", "component"];

/** The labels that stand nowhere else in its card, by name. */
export function labelsOf(alert: Pick<Alert, "labels">): [name: string, value: string][] {
  return Object.entries(alert.labels)
    .filter(([name]) => !SHOWN_ELSEWHERE.includes(name))
    .sort(([one], [other]) => one.localeCompare(other));
}

const SIGNS: Readonly<Record<string, readonly [sign: string, tone: "bad" | "warn" | "accent"]>> = {
  critical: ["▲", "bad"],
  warning: ["△", "warn"],
  info: ["i", "accent"],
};

/** The sign and the tone of a severity; one of somebody's own is plain. */
export function severityOf(
  severity: string | null,
): readonly [sign: string, tone: "bad" | "warn" | "accent" | "plain"] {
  return lookup(SIGNS, severity ?? "") ?? ["·", "plain"];
}
