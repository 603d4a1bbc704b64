"use client";

import { isFinal, type Job, shownStatus } from "@mixdesk/client";
import Link from "next/link";
import { memo } from "react";
import { duration, percent } from "@/lib/format";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";
import { EtaText } from "./eta-text";
import { jobHref, nameOf, positionInWords, secondsOf, speedInWords, typeInWords } from "./position";
import { ProgressBar } from "./progress-bar";

/** One job of the list: three columns where there is room, else a card. Drawn anew only when the job changes. */
export const JobRow = memo(function JobRow({ job }: { job: Job }) {
  return (
    <li className="grid grid-cols-1 gap-x-6 gap-y-2 rounded-xl border bg-card p-4 md:grid-cols-[minmax(0,5fr)_minmax(0,4fr)_minmax(0,5fr)] md:items-center">
      <Who job={job} />
      <Progress job={job} />
      <Outlook job={job} />
    </li>
  );
});

function Who({ job }: { job: Job }) {
  const facts = [
    typeInWords(job.job_type),
    job.version,
    job.attempt > 1 ? `attempt ${job.attempt}` : null,
    job.owner,
    job.host && `on ${job.host}`,
  ].filter((fact) => fact);
  return (
    <div className="min-w-0">
      <div className="flex min-w-0 items-baseline gap-3">
        <Link
          href={jobHref(job.job_id)}
          prefetch={false}
          className="min-w-0 truncate font-medium underline-offset-4 hover:underline"
        >
          {nameOf(job)}
        </Link>
        <Status of={shownStatus(job)} className="text-sm" />
      </div>
      <p className="mt-0.5 text-sm break-words text-soft">
        {facts.join(" · ")}
        {job.parent_id && (
          <>
            {" · "}
            <Link href={jobHref(job.parent_id)} prefetch={false} className="underline underline-offset-2">
              goes on from<span className="sr-only"> job {job.parent_id}</span>
            </Link>
          </>
        )}
      </p>
    </div>
  );
}

function Progress({ job }: { job: Job }) {
  const step = job.current_step;
  const phase = step.label && !isFinal(job) ? ` · ${step.step_index + 1} of ${step.step_count}: ${step.label}` : "";
  return (
    <div className="min-w-0">
      <ProgressBar job={job} />
      <p className="mt-1 text-sm text-soft">
        <span className="font-medium text-ink">{percent(job.progress_percent)}</span>
        {phase}
        {job.resuming && " · catching up with its checkpoint"}
      </p>
    </div>
  );
}

function Outlook({ job }: { job: Job }) {
  if (isFinal(job)) return <Ended job={job} />;
  const facts = [positionInWords(job), speedInWords(job.lost ? null : job.steps_per_second)].filter(Boolean);
  return (
    <div className="min-w-0 text-sm">
      <p>{facts.join(" · ")}</p>
      <p className="text-soft">{job.lost ? <LastHeard job={job} /> : <EtaText job={job} />}</p>
    </div>
  );
}

function LastHeard({ job }: { job: Job }) {
  return (
    <>
      its trainer was last heard <When at={job.last_report_at} />
    </>
  );
}

function Ended({ job }: { job: Job }) {
  const seconds = secondsOf(job, Number.NaN);
  return (
    <div className="min-w-0 text-sm text-soft">
      <p>
        <When at={job.completed_at} />
        {seconds !== null && `, after ${duration(seconds)}`}
      </p>
      {job.error && <p className="truncate text-bad">{job.error.split("\n", 1)[0]}</p>}
    </div>
  );
}
