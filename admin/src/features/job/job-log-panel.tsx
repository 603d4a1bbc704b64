"use client";

import type { Job } from "@mixdesk/client";
import dynamic from "next/dynamic";
import { ErrorBoundary } from "@/ui/boundary";
import { Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";

const JobLog = dynamic(() => import("@/features/logs/job-log").then((part) => part.JobLog), {
  ssr: false,
  loading: () => <Waiting>Fetching its log …</Waiting>,
});

/** The job's log, live. A fault in it leaves the rest of the page as it is. */
export function JobLogPanel({ job }: { job: Job }) {
  return (
    <Panel title="Log">
      <ErrorBoundary name="The log">
        <JobLog job={job} />
      </ErrorBoundary>
    </Panel>
  );
}
