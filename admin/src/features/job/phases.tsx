"use client";

import { type Job, type JobHistory, type Phase, type ShownStatus, shownStatus } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { completion, phaseEnd, phaseInWords } from "@/features/jobs/progress";
import { bytes, count, duration, figure, percent } from "@/lib/format";
import { Meter } from "@/ui/meter";
import { Table, Td, Th, Tr } from "@/ui/table";

/** The colour of a phase that was running, by what has become of its job. */
const TONES: Partial<Record<ShownStatus, "warn" | "bad">> = {
  paused: "warn",
  canceled: "warn",
  lost: "bad",
  failed: "bad",
};

/** Each phase with its own bar, how much of what is done, and how long it took. */
export function Phases({ job, history }: { job: Job; history: JobHistory | undefined }) {
  if (job.phases.length === 0) return null;
  return (
    <Table label="Phases" className="relative">
      <thead>
        <tr>
          <Th>Phase</Th>
          <Th>Weight</Th>
          <Th>Done</Th>
          <Th className="hidden sm:table-cell">Amount</Th>
          <Th>Time</Th>
        </tr>
      </thead>
      <tbody>
        {job.phases.map((phase) => (
          <Tr key={phase.key} className={phase.key === job.current_step.key ? "font-medium" : ""}>
            <Td>{phase.label || phase.key}</Td>
            <Td className="whitespace-nowrap">{percent(phase.weight)}</Td>
            <Td className="w-2/5 min-w-28">
              <Meter
                value={phase.state === "pending" ? 0 : completion(phase)}
                label={phase.label || phase.key}
                tone={phase.state === "running" ? TONES[shownStatus(job)] : "accent"}
              />
              <span className="text-xs text-soft">{phaseInWords(job, phase)}</span>
            </Td>
            <Td className="hidden whitespace-nowrap sm:table-cell">{amountInWords(phase)}</Td>
            <Td className="whitespace-nowrap">
              <PhaseTime job={job} phase={phase} past={history?.phases.find((one) => one.key === phase.key)} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function amountInWords({ done, total, unit, state }: Phase): string {
  if (state === "pending" || (!done && total === null)) return "";
  const words = unit === "bytes" ? bytes : numberInWords;
  const amount = total === null ? words(done) : `${words(done)} of ${words(total)}`;
  return unit === "bytes" ? amount : `${amount} ${unit}`;
}

function numberInWords(value: number): string {
  return Number.isInteger(value) ? count(value) : figure(value);
}

interface PhaseTimeProps {
  job: Job;
  phase: Phase;
  past: JobHistory["phases"][number] | undefined;
}

function PhaseTime({ job, phase, past }: PhaseTimeProps) {
  const now = useNow();
  if (phase.started_at === null || phase.state === "skipped") return null;
  if (phase.ended_at === null && phase.state !== "running") return null;
  const ended = phaseEnd(job, phase);
  const end = ended === null ? now : Date.parse(ended);
  const seconds = phase.ended_at === null ? null : (past?.seconds ?? null);
  return <>{duration(seconds ?? Math.max(0, end - Date.parse(phase.started_at)) / 1000)}</>;
}
