"use client";

import type { Job } from "@mixdesk/client";
import { useState } from "react";
import { count } from "@/lib/format";
import { Button } from "@/ui/button";
import { JobRow } from "./job-row";

const PAGE = 50;

/** Jobs by pages: thousands of them stay quick, as only those that are looked at are drawn. */
export function JobsList({ jobs }: { jobs: readonly Job[] }) {
  const [shown, setShown] = useState(PAGE);
  const left = jobs.length - shown;
  return (
    <>
      <ul aria-label="Jobs" className="flex flex-col gap-2">
        {jobs.slice(0, shown).map((job) => (
          <JobRow key={job.job_id} job={job} />
        ))}
      </ul>
      {left > 0 && (
        <p className="mt-4 flex flex-wrap items-center gap-3 text-sm text-soft">
          <Button onClick={() => setShown(shown + PAGE)}>Show {Math.min(PAGE, left)} older</Button>
          {count(shown)} of {count(jobs.length)} are shown
        </p>
      )}
    </>
  );
}
