"use client";

import { useJobs } from "@mixdesk/client/react";
import { nameOf } from "@/features/jobs/position";
import { useThemeName } from "@/shell/theme";
import { Field, Select } from "@/ui/field";
import { type BoardView, boardAddress, RANGES } from "./boards";

interface ToolbarProps {
  grafana: string;
  view: BoardView;
  change: (name: string, value: string) => void;
}

/** The time that is shown, the job of the dashboard Job, and the way to Grafana itself. */
export function Toolbar({ grafana, view, change }: ToolbarProps) {
  const theme = useThemeName();
  return (
    <div className="mb-3 flex flex-wrap items-end gap-3">
      <Field label="Time" className="w-32">
        <Select value={view.range} onChange={(event) => change("range", event.target.value)}>
          {RANGES.map((range) => (
            <option key={range} value={range}>
              last {range}
            </option>
          ))}
        </Select>
      </Field>
      {view.board.uid === "mixdesk-job" && <JobChoice value={view.variables.job_id ?? ""} change={change} />}
      <a
        href={boardAddress(grafana, view.board, view, { theme, kiosk: false })}
        target="_blank"
        rel="noreferrer"
        className="ml-auto py-1.5 text-sm font-medium text-accent underline underline-offset-2"
      >
        Open in Grafana<span className="sr-only"> (opens a new tab)</span>
      </a>
    </div>
  );
}

const MOST = 200;

function JobChoice({ value, change }: { value: string; change: ToolbarProps["change"] }) {
  const jobs = [...useJobs().data.values()]
    .sort((one, other) => other.created_at.localeCompare(one.created_at))
    .slice(0, MOST);
  return (
    <Field label="Job" className="w-56">
      <Select value={value} onChange={(event) => change("job_id", event.target.value)}>
        <option value="">the newest</option>
        {value !== "" && !jobs.some((job) => job.job_id === value) && <option value={value}>{value}</option>}
        {jobs.map((job) => (
          <option key={job.job_id} value={job.job_id}>
            {nameOf(job)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
