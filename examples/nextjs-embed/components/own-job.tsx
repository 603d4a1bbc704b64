"use client";

import { Desk, shownStatus } from "@mixdesk/client";
import { DeskProvider, useJob } from "@mixdesk/client/react";
import { useState } from "react";
import { askForTicket } from "@/lib/ticket";

/** The same job in this app's own words: the desk's data, no frame. Its origin is in the desk's `allowed_origins`. */
export function OwnJob({ desk: url, job }: { desk: string; job: string }) {
  const [desk] = useState(() => new Desk({ url, ticket: () => askForTicket(job) }));
  return (
    <DeskProvider desk={desk}>
      <Words id={job} />
    </DeskProvider>
  );
}

function Words({ id }: { id: string }) {
  const { data: job, state } = useJob(id);
  if (job === null) return <p>There is no such job.</p>;
  if (job === undefined) return <p>{state.reason ?? "Asking the desk…"}</p>;
  return (
    <p>
      {job.name ?? id} is {shownStatus(job)}, {Math.floor(job.progress_percent)} % done
      {state.phase === "live" ? "." : " (stale: the desk does not answer)."}
    </p>
  );
}
