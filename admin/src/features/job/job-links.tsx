"use client";

import { type Job, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSession } from "@/shell/session";
import { dashboardUrl, traceUrl } from "./addresses";

const FRESH_MS = 300_000;

/** Where else this job is seen: its trace and its dashboard, where there are such. */
export function JobLinks({ job }: { job: Job }) {
  const desk = useDesk();
  const { may } = useSession();
  const asked = useQuery({
    queryKey: ["links"],
    queryFn: () => unwrap(desk.rest.GET("/admin/links")),
    staleTime: FRESH_MS,
  });
  const found = [
    ["Trace", traceUrl(asked.data?.traces, job.trace_id)],
    ["Dashboard", dashboardUrl(asked.data?.grafana, job.job_id)],
  ].flatMap(([name, url]) => (name && url ? [{ name, url }] : []));
  if (found.length === 0) {
    if (!asked.isSuccess || !may("operator")) return null;
    return (
      <p className="mt-4 text-sm text-soft">
        No trace and no dashboard to link to:{" "}
        <Link href="/dashboards/" prefetch={false} className="text-accent underline underline-offset-4">
          how to get them
        </Link>
      </p>
    );
  }
  return (
    <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {found.map(({ name, url }) => (
        <li key={name}>
          <a href={url} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-4">
            {name}
            <span aria-hidden="true"> ↗</span>
            <span className="sr-only"> (opens a new tab)</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
