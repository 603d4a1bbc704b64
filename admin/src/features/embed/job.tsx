"use client";

import type { Me } from "@mixdesk/client";
import { useJob, useJobs } from "@mixdesk/client/react";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { Empty, Failed, Waiting } from "@/ui/empty";
import { EmbedFrame } from "./embed-frame";
import { JobCard } from "./job-card";
import { newestFirst } from "./newest";
import { StaleNote } from "./stale-note";

/** `/ui/embed/job/?id=`: one job; without an id all that the ticket or session lets see, newest first. */
export function EmbeddedJob() {
  return (
    <Suspense fallback={<Waiting>Connecting to the desk…</Waiting>}>
      <EmbedFrame title="Job">{(me) => <Chosen me={me} />}</EmbedFrame>
    </Suspense>
  );
}

function Chosen({ me }: { me: Me }) {
  const id = useSearchParams().get("id") ?? me.job_id;
  const linked = me.via === "session";
  return id ? <OneJob id={id} linked={linked} /> : <AllJobs linked={linked} />;
}

function OneJob({ id, linked }: { id: string; linked: boolean }) {
  const { data: job, state } = useJob(id);
  if (job) {
    return (
      <>
        <StaleNote state={state} />
        <JobCard job={job} linked={linked} stale={state.phase !== "live"} />
      </>
    );
  }
  if (job === null) {
    return (
      <Failed title="No such job">
        <p>There is no job {id}, or this view may not show it.</p>
      </Failed>
    );
  }
  return <Waiting>Asking the desk for the job…</Waiting>;
}

const MOST = 10;

function AllJobs({ linked }: { linked: boolean }) {
  const { data, state, ready } = useJobs();
  if (!ready) return <Waiting>Asking the desk for jobs…</Waiting>;
  const shown = newestFirst([...data.values()]).slice(0, MOST);
  return (
    <>
      <StaleNote state={state} />
      {shown.length === 0 && <Empty title="No jobs yet">They are here as soon as a trainer reports one.</Empty>}
      <ul className="divide-y">
        {shown.map((job) => (
          <li key={job.job_id} className="py-3 first:pt-0 last:pb-0">
            <JobCard job={job} linked={linked} stale={state.phase !== "live"} />
          </li>
        ))}
      </ul>
    </>
  );
}
