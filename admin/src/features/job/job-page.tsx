"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk, useJob } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { Failed, Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { Stale } from "@/ui/stale";
import { JobView } from "./job-view";

/** `/ui/jobs/detail/?id=`: one job, live. */
export function JobPage() {
  return (
    <Suspense fallback={<Waiting>Fetching the job …</Waiting>}>
      <OfTheAddress />
    </Suspense>
  );
}

function OfTheAddress() {
  const id = useSearchParams().get("id") ?? "";
  if (id === "") return <NoJob id="" why="The address names no job: it ends in ?id= and the job's id." />;
  return <OneJob key={id} id={id} />;
}

function OneJob({ id }: { id: string }) {
  const { data: job, state } = useJob(id);
  if (job === undefined) return <Waiting>Fetching job {id} …</Waiting>;
  if (job === null) return <Missing id={id} />;
  return (
    <Stale state={state}>
      <JobView job={job} />
    </Stale>
  );
}

/** The stream tells nothing of a job that is not there: the desk is asked, which says why in words. */
function Missing({ id }: { id: string }) {
  const desk = useDesk();
  const asked = useQuery({
    queryKey: ["job", id],
    queryFn: () => unwrap(desk.rest.GET("/jobs/{job_id}", { params: { path: { job_id: id } } })),
    retry: false,
  });
  if (asked.isPending || asked.isSuccess) return <Waiting>Fetching job {id} …</Waiting>;
  return <NoJob id={id} why={asked.error.message} />;
}

function NoJob({ id, why }: { id: string; why: string }) {
  return (
    <>
      <PageHeader title="Job" />
      <Failed title={id ? `Job ${id} cannot be shown` : "No job to show"}>
        <p className="wrap-anywhere">{why}</p>
        <p className="mt-2">
          <Link href="/jobs/" prefetch={false} className="text-accent underline underline-offset-4">
            All jobs
          </Link>
        </p>
      </Failed>
    </>
  );
}
