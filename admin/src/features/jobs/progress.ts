import { isFinal, type Job, type Phase } from "@mixdesk/client";
import { percent } from "@/lib/format";

/** One phase as a part of the whole bar. Positions are percent of the bar. */
export interface Segment {
  key: string;
  label: string;
  state: Phase["state"];
  /** Share of the whole job, in percent. */
  weight: number;
  /** How much of the phase is done, 0 to 100; null while its total is unknown. */
  done: number | null;
  from: number;
  width: number;
  /** All of it in words. */
  words: string;
}

const WHOLE = 100;

/** The phases side by side, each as wide as it weighs. */
export function segments(phases: readonly Phase[]): Segment[] {
  const sum = phases.reduce((total, phase) => total + weightOf(phase), 0) || WHOLE;
  let from = 0;
  return phases.map((phase) => {
    const weight = (weightOf(phase) / sum) * WHOLE;
    const segment = { key: phase.key, label: phase.label, state: phase.state, weight, done: completion(phase), from };
    from += weight;
    return { ...segment, width: weight, words: inWords(phase, weight) };
  });
}

function weightOf(phase: Phase): number {
  return Math.max(0, phase.weight);
}

/** A skipped phase counts as complete. */
export function completion(phase: Phase): number | null {
  if (phase.state === "done" || phase.state === "skipped") return WHOLE;
  return phase.progress_percent === null ? null : Math.min(WHOLE, Math.max(0, phase.progress_percent));
}

function inWords(phase: Phase, weight: number): string {
  return `${phase.label || phase.key} (${Math.round(weight)} % of the job): ${stateInWords(phase)}`;
}

export function stateInWords(phase: Phase): string {
  const done = completion(phase);
  switch (phase.state) {
    case "pending":
      return "not begun";
    case "done":
      return "done";
    case "skipped":
      return "skipped";
    default:
      return `${phase.state}, ${done === null ? "how much is not known" : percent(done)}`;
  }
}

/** A phase of a job in words: one that ran when its job ended, or was lost, runs no more as far as anybody knows. */
export function phaseInWords(job: Pick<Job, "status" | "lost">, phase: Phase): string {
  const done = completion(phase);
  if (phase.state !== "running" || done === null) return stateInWords(phase);
  if (isFinal(job)) return `ended at ${percent(done)}`;
  return job.lost ? `last heard at ${percent(done)}` : stateInWords(phase);
}

/** When a phase ended, as far as that is known; null while it runs. */
export function phaseEnd(job: Pick<Job, "completed_at" | "last_report_at" | "lost">, phase: Phase): string | null {
  return phase.ended_at ?? job.completed_at ?? (job.lost ? job.last_report_at : null);
}

/** The whole in one line: `62 %, phase 4 of 6: Training`. */
export function progressInWords(job: Job): string {
  const step = job.current_step;
  const where = step.label ? `, phase ${step.step_index + 1} of ${step.step_count}: ${step.label}` : "";
  return `${percent(job.progress_percent)}${where}`;
}
