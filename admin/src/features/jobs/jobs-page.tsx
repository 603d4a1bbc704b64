"use client";

import type { Job } from "@mixdesk/client";
import { useJobs, useNow } from "@mixdesk/client/react";
import { Suspense, useDeferredValue, useMemo } from "react";
import { useSession } from "@/shell/session";
import { Button } from "@/ui/button";
import { Empty, Waiting } from "@/ui/empty";
import { PageHeader } from "@/ui/page-header";
import { Stale } from "@/ui/stale";
import { FilterBar } from "./filter-bar";
import { type Filters, inOrder, matches, sinceOf } from "./filters";
import { FirstJob, NoJobOfOwner } from "./first-job";
import { JobsList } from "./jobs-list";
import { useFilters } from "./use-filters";

const MINUTE_MS = 60_000;

/** All jobs that one may see, live. */
export function JobsPage() {
  return (
    <>
      <PageHeader title="Jobs" />
      <Suspense fallback={<Waiting>Fetching the jobs …</Waiting>}>
        <Jobs />
      </Suspense>
    </>
  );
}

function Jobs() {
  const view = useJobs();
  const [filters, change] = useFilters();
  const items = useDeferredValue(view.data);
  const jobs = useMemo(() => inOrder(items.values()), [items]);
  const found = useMatching(jobs, filters);
  const owner = useSession().me?.owner;
  if (!view.ready && jobs.length === 0) return <Waiting>Fetching the jobs …</Waiting>;
  if (jobs.length === 0) return owner ? <NoJobOfOwner owner={owner} /> : <FirstJob />;
  return (
    <>
      <FilterBar filters={filters} change={change} jobs={jobs} />
      <Stale state={view.state}>
        {found.length > 0 ? <JobsList jobs={found} /> : <NoneOfThese of={jobs.length} change={change} />}
      </Stale>
    </>
  );
}

function useMatching(jobs: readonly Job[], filters: Filters): readonly Job[] {
  const now = useNow(MINUTE_MS);
  return useMemo(() => {
    const since = sinceOf(filters.since, now);
    return jobs.filter((job) => matches(job, filters, since));
  }, [jobs, filters, now]);
}

function NoneOfThese({ of, change }: { of: number; change: (changes: Partial<Filters>) => void }) {
  const clear = () => change({ status: [], type: "", name: "", owner: "", since: "" });
  return (
    <Empty title="No job is like that">
      <p>{of === 1 ? "There is one job" : `There are ${of} jobs`}, and these filters leave none of them.</p>
      <Button onClick={clear}>Clear filters</Button>
    </Empty>
  );
}
