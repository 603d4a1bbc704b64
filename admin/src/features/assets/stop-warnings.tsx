"use client";

import { useJobs } from "@mixdesk/client/react";
import Link from "next/link";
import { When } from "@/ui/time";
import type { InTheWay } from "./stopping";

/** The jobs that would end without a checkpoint, by name, each with the way to save it first. */
export function JobsWarning({ jobs }: Pick<InTheWay, "jobs">) {
  const known = useJobs();
  if (jobs.length === 0) return null;
  return (
    <div className="rounded-lg border border-bad p-3">
      <p className="font-medium text-bad">
        {jobs.length === 1
          ? "A job runs there and would lose what it has not saved:"
          : "Jobs run there and would lose what they have not saved:"}
      </p>
      <ul className="mt-1 list-disc pl-5">
        {jobs.map(({ asset, job }) => (
          <li key={job}>
            <Link
              href={`/jobs/detail/?id=${encodeURIComponent(job)}`}
              prefetch={false}
              className="underline underline-offset-2"
            >
              {known.data.get(job)?.name || job}
            </Link>
            {` in ${asset}`}
          </li>
        ))}
      </ul>
      <p className="mt-1 text-soft">To keep its work, open the job and choose “Save and cancel” first.</p>
    </div>
  );
}

/** Who has said that they use it. */
export function HeldWarning({ holds }: Pick<InTheWay, "holds">) {
  if (holds.length === 0) return null;
  return (
    <div className="rounded-lg border border-warn p-3">
      <p className="font-medium text-warn">Somebody uses it:</p>
      <ul className="mt-1 list-disc pl-5">
        {holds.map((hold) => (
          <li key={`${hold.asset} ${hold.actor} ${hold.expiresAt}`}>
            {hold.actor || "somebody"} holds {hold.asset}
            {hold.reason ? ` for ${hold.reason}` : ""}; it ends <When at={hold.expiresAt} />
          </li>
        ))}
      </ul>
    </div>
  );
}
