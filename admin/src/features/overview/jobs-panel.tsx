"use client";

import type { Job } from "@mixdesk/client";
import { useJobs } from "@mixdesk/client/react";
import Link from "next/link";
import { useMemo } from "react";
import { FirstJob, NoJobOfOwner } from "@/features/jobs/first-job";
import { useSession } from "@/shell/session";
import { Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { Stale } from "@/ui/stale";
import { JobLine } from "./job-line";
import { activeJobs, endedJobs } from "./job-order";

const ACTIVE = 6;
const ENDED = 3;

/** What runs, and what ended last. */
export function JobsPanel() {
  const { data, ready, state } = useJobs();
  const active = useMemo(() => activeJobs(data.values()), [data]);
  const ended = useMemo(() => endedJobs(data.values(), ENDED), [data]);
  return (
    <Panel
      title={
        <Link href="/jobs/" prefetch={false} className="hover:text-accent">
          Jobs
        </Link>
      }
      aside={data.size > 0 && (active.length === 0 ? "none runs now" : `${active.length} not ended`)}
    >
      {data.size === 0 && (ready ? <NoJob /> : <Waiting>Asking for the jobs …</Waiting>)}
      <Stale state={state}>
        <JobLines jobs={active.slice(0, ACTIVE)} />
        {active.length > ACTIVE && <MoreJobs count={active.length - ACTIVE} />}
        {ended.length > 0 && (
          <>
            <h3 className="mt-4 mb-2 text-sm font-medium text-soft first:mt-0">Ended last</h3>
            <JobLines jobs={ended} />
          </>
        )}
      </Stale>
    </Panel>
  );
}

function JobLines({ jobs }: { jobs: readonly Job[] }) {
  return (
    <ul className="divide-y">
      {jobs.map((job) => (
        <li key={job.job_id} className="py-2.5 first:pt-0 last:pb-0">
          <JobLine job={job} />
        </li>
      ))}
    </ul>
  );
}

function MoreJobs({ count }: { count: number }) {
  return (
    <p className="mt-2 text-sm">
      <Link href="/jobs/" prefetch={false} className="text-accent underline underline-offset-2">
        {count} more
      </Link>
    </p>
  );
}

function NoJob() {
  const owner = useSession().me?.owner;
  return owner ? <NoJobOfOwner owner={owner} /> : <FirstJob />;
}
