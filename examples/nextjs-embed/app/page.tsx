import Link from "next/link";
import { DeskFrame } from "@/components/desk-frame";
import { GrafanaPanel } from "@/components/grafana-panel";
import { OwnJob } from "@/components/own-job";
import { newestJobs, publicUrl, ticketFor } from "@/lib/desk";

// each visit mints a ticket of its own
export const dynamic = "force-dynamic";

export default async function Page({ searchParams }: { searchParams: Promise<{ job?: string }> }) {
  const jobs = await newestJobs();
  const job = (await searchParams).job ?? jobs[0]?.job_id;
  if (job === undefined) return <p>No job yet: start one with `mixdesk demo` beside the desk, then reload.</p>;
  const ticket = await ticketFor(job);
  if (ticket === null) return <p>This job is not yours to see.</p>;
  return (
    <main>
      <h1>Training</h1>
      <nav aria-label="Jobs">
        {jobs.map(({ job_id, name }) => (
          <Link
            key={job_id}
            href={`/?job=${encodeURIComponent(job_id)}`}
            prefetch={false}
            style={{ marginRight: "1rem" }}
          >
            {name ?? job_id}
          </Link>
        ))}
      </nav>
      <h2>In this app&apos;s own words</h2>
      <OwnJob key={job} desk={publicUrl()} job={job} />
      <h2>As the desk shows it</h2>
      <DeskFrame key={job} desk={publicUrl()} job={job} ticket={ticket} />
      <h2>As Grafana draws it</h2>
      <GrafanaPanel url={process.env.GRAFANA_URL} job={job} />
    </main>
  );
}
