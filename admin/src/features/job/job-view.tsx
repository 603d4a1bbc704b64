"use client";

import type { Job } from "@mixdesk/client";
import { isFinal, shownStatus } from "@mixdesk/client";
import dynamic from "next/dynamic";
import type { ReactNode } from "react";
import { nameOf, typeInWords } from "@/features/jobs/position";
import { ErrorBoundary } from "@/ui/boundary";
import { Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { Status } from "@/ui/status";
import { ActionBar } from "./actions/action-bar";
import { Notice } from "./notice";
import { Outlook } from "./outlook";
import { Phases } from "./phases";
import { Requests } from "./requests";
import { useHistory } from "./use-history";
import { useJobOperations } from "./use-job-operations";

const Numbers = dynamic(() => import("./numbers").then((part) => part.Numbers), {
  loading: () => <Waiting>Fetching its numbers …</Waiting>,
});
const Records = dynamic(() => import("./records").then((part) => part.Records), {
  loading: () => <Waiting>Fetching its history …</Waiting>,
});

/** All of one job. What is looked at first is drawn first; the rest is loaded beside it. */
export function JobView({ job }: { job: Job }) {
  const history = useHistory(job);
  const operations = useJobOperations(job.job_id);
  return (
    <div className="flex flex-col gap-4">
      <PageHeader title={nameOf(job)} aside={<ActionBar job={job} history={history} operations={operations} />}>
        <span className="flex flex-wrap items-center gap-x-3">
          <Status of={shownStatus(job)} />
          <span>{[typeInWords(job.job_type), job.version && `version ${job.version}`].filter(Boolean).join(", ")}</span>
        </span>
      </PageHeader>
      <Notice job={job} />
      <Requests job={job} operations={operations} />
      <Part name="Progress">
        <Outlook job={job} />
      </Part>
      <Part name="Phases">
        <Phases job={job} history={history} />
      </Part>
      <Part name="Numbers">
        <Numbers job={job} history={history} live={!isFinal(job)} />
      </Part>
      <Part name="Records">
        <Records job={job} history={history} />
      </Part>
    </div>
  );
}

function Part({ name, children }: { name: string; children: ReactNode }) {
  return <ErrorBoundary name={name}>{children}</ErrorBoundary>;
}
