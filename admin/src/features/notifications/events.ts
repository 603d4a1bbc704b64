import { isFinal, type Job } from "@mixdesk/client";

/** What is told of a job. `autosaved` is a checkpoint that nobody asked for. */
export const KINDS = ["succeeded", "failed", "canceled", "lost", "saved", "autosaved", "save_failed"] as const;
export type Kind = (typeof KINDS)[number];

/** Something that happened to a job. */
export interface Notice {
  /** The same in every tab that sees it happen. */
  readonly key: string;
  readonly kind: Kind;
  readonly jobId: string;
  readonly name: string;
  /** By the desk; null where nobody knows. */
  readonly at: string | null;
  /** The file, or the reason. */
  readonly more: string | null;
}

const REQUESTED = "requested";

/**
 * What happened to a job between two looks at it. One that was not seen before tells what happened since `openedAt`
 * (milliseconds by the desk) alone: it may be an old one that comes late.
 */
export function noticesOf(before: Job | undefined, after: Job, openedAt: number): Notice[] {
  const happened = [
    ...ended(before, after),
    ...lost(before, after),
    ...saved(before, after),
    ...saveFailed(before, after),
  ];
  return before === undefined ? happened.filter(({ at }) => at !== null && Date.parse(at) >= openedAt) : happened;
}

function notice(job: Job, kind: Kind, mark: string, at: string | null, more: string | null): Notice {
  return { key: `${job.job_id}:${kind}:${mark}`, kind, jobId: job.job_id, name: job.name ?? job.job_id, at, more };
}

function ended(before: Job | undefined, after: Job): Notice[] {
  const { status } = after;
  if (status !== "succeeded" && status !== "failed" && status !== "canceled") return [];
  if (before !== undefined && isFinal(before)) return [];
  return [notice(after, status, "", after.completed_at ?? after.last_report_at, after.error)];
}

function lost(before: Job | undefined, after: Job): Notice[] {
  if (!after.lost || before?.lost || isFinal(after)) return [];
  return [notice(after, "lost", after.last_report_at ?? "", after.last_report_at, null)];
}

function saved(before: Job | undefined, after: Job): Notice[] {
  const newest = Math.max(0, ...(before?.checkpoints ?? []).map((one) => time(one.saved_at)));
  return after.checkpoints
    .filter((one) => time(one.saved_at) > newest)
    .map((one) => {
      const kind = one.reason === REQUESTED ? "saved" : "autosaved";
      return notice(after, kind, `${one.saved_at} ${one.path}`, one.saved_at, fileName(one.path));
    });
}

function saveFailed(before: Job | undefined, after: Job): Notice[] {
  const { checkpoint_status, checkpoint_error, last_checkpoint_at } = after.details;
  if (checkpoint_status !== "failed" || before === undefined) return [];
  if (before.details.checkpoint_status === "failed" && before.details.checkpoint_error === checkpoint_error) return [];
  const mark = [after.desired.checkpoint?.generation, last_checkpoint_at, checkpoint_error].join(" ");
  return [notice(after, "save_failed", mark, after.last_report_at, checkpoint_error ?? null)];
}

const time = (at: string | null): number => (at === null ? 0 : Date.parse(at));

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
