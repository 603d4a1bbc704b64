"use client";

import { type Job, shownStatus, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { jobHref, nameOf } from "@/features/jobs/position";
import { Panel } from "@/ui/panel";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";

const LOOKED_AT = 200;

/** The runs that went on from this one. */
export function Continued({ job }: { job: Job }) {
  const desk = useDesk();
  const query = { name: job.name ?? undefined, since: job.created_at, limit: LOOKED_AT };
  const asked = useQuery({
    queryKey: ["continued", job.job_id],
    queryFn: () => unwrap(desk.rest.GET("/jobs", { params: { query } })),
    enabled: job.name !== null,
  });
  const next = (asked.data?.items ?? []).filter((one) => one.parent_id === job.job_id);
  if (next.length === 0) return null;
  return (
    <Panel title="Went on as">
      <ul className="space-y-1 text-sm">
        {next.map((one) => (
          <li key={one.job_id} className="flex flex-wrap items-baseline gap-x-3">
            <Link href={jobHref(one.job_id)} prefetch={false} className="text-accent underline underline-offset-4">
              {nameOf(one)}, attempt {one.attempt}
            </Link>
            <Status of={shownStatus(one)} />
            <When at={one.created_at} className="text-soft" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
