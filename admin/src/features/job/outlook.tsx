"use client";

import { isFinal, type Job } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import Link from "next/link";
import type { ReactNode } from "react";
import { EtaText } from "@/features/jobs/eta-text";
import { jobHref, positionInWords, secondsOf, speedInWords } from "@/features/jobs/position";
import { progressInWords } from "@/features/jobs/progress";
import { ProgressBar } from "@/features/jobs/progress-bar";
import { duration, UNKNOWN } from "@/lib/format";
import { CopyButton } from "@/ui/copy";
import { Facts } from "@/ui/facts";
import { Panel } from "@/ui/panel";
import { When } from "@/ui/time";
import { JobLinks } from "./job-links";

/** How far it is, when it will be done, and whose it is. */
export function Outlook({ job }: { job: Job }) {
  return (
    <Panel title="Progress" aside={<EtaText job={job} />}>
      <p className="mb-2 text-lg">
        <span className="font-semibold">{progressInWords(job)}</span>
      </p>
      <ProgressBar job={job} size="big" />
      <div className="mt-4 grid items-start gap-x-8 gap-y-1.5 lg:grid-cols-2">
        <Facts of={course(job)} />
        <Facts of={identity(job)} />
      </div>
      <JobLinks job={job} />
    </Panel>
  );
}

type Fact = readonly [name: string, value: ReactNode];

function course(job: Job): Fact[] {
  const ended = job.completed_at !== null;
  return [
    ...counted(job),
    ["Began", <When key="began" at={job.started_at} />],
    [ended ? "Took" : "Running for", <Took key="took" job={job} />],
    ended
      ? ["Ended", <When key="ended" at={job.completed_at} />]
      : ["Last heard", <When key="heard" at={job.last_report_at} />],
  ];
}

/** Where it is and how fast, of a job that counts. */
function counted(job: Job): Fact[] {
  const position = positionInWords(job);
  if (position === "") return [];
  const speed = isFinal(job) || job.lost ? "" : speedInWords(job.steps_per_second);
  return [
    ["Position", position],
    ["Speed", speed || UNKNOWN],
  ];
}

function Took({ job }: { job: Job }) {
  return <>{duration(secondsOf(job, useNow()))}</>;
}

function identity(job: Job): Fact[] {
  const where = [job.host, job.pid === null ? null : `process ${job.pid}`].filter((part) => part !== null);
  return [
    ["Owner", job.owner ?? "nobody"],
    ["Host", where.join(", ") || UNKNOWN],
    ["Attempt", <Attempt key="attempt" job={job} />],
    [
      "Id",
      <span key="id" className="inline-flex min-w-0 items-center gap-1">
        <code className="min-w-0 wrap-anywhere">{job.job_id}</code>
        <CopyButton text={job.job_id} label="Copy the id" className="-my-2" />
      </span>,
    ],
  ];
}

function Attempt({ job }: { job: Job }) {
  if (job.parent_id === null) return <>{job.attempt}</>;
  return (
    <>
      {job.attempt}, goes on from{" "}
      <Link href={jobHref(job.parent_id)} prefetch={false} className="text-accent underline underline-offset-4">
        {job.parent_id}
      </Link>
    </>
  );
}
