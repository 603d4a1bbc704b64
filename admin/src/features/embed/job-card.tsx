import { isFinal, type Job, shownStatus } from "@mixdesk/client";
import { EtaText } from "@/features/jobs/eta-text";
import { nameOf, positionInWords, speedInWords, typeInWords } from "@/features/jobs/position";
import { progressInWords } from "@/features/jobs/progress";
import { ProgressBar } from "@/features/jobs/progress-bar";
import { cn } from "@/lib/cn";
import { bytes, duration } from "@/lib/format";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";
import { LoggedNumbers } from "./logged-numbers";

interface JobCardProps {
  job: Job;
  /** Whether its name leads to the desk. */
  linked: boolean;
  stale: boolean;
}

/** One job at a glance, from 300 pixels on. */
export function JobCard({ job, linked, stale }: JobCardProps) {
  const facts = [positionInWords(job), isFinal(job) ? "" : speedInWords(job.steps_per_second)].filter(Boolean);
  return (
    <article className={cn("space-y-2", stale && "opacity-80")}>
      <header className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h2 className="min-w-0 truncate text-base font-semibold">
          <Name job={job} linked={linked} />{" "}
          <span className="text-sm font-normal text-soft">
            {[typeInWords(job.job_type), job.version].filter(Boolean).join(" · ")}
          </span>
        </h2>
        <Status of={shownStatus(job)} />
      </header>
      <ProgressBar job={job} size="big" />
      <p className="flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="font-medium">{progressInWords(job)}</span>
        <Ending job={job} />
      </p>
      {facts.length > 0 && <p className="text-sm text-soft">{facts.join(" · ")}</p>}
      <LoggedNumbers job={job} />
      <NewestCheckpoint job={job} />
      {job.error !== null && <p className="text-sm break-words text-bad">{job.error}</p>}
    </article>
  );
}

function Name({ job, linked }: { job: Job; linked: boolean }) {
  if (!linked) return nameOf(job);
  return (
    <a
      href={`/ui/jobs/detail/?id=${encodeURIComponent(job.job_id)}`}
      target="_blank"
      rel="noopener"
      className="hover:underline"
    >
      {nameOf(job)}
    </a>
  );
}

function Ending({ job }: { job: Job }) {
  if (job.completed_at !== null) {
    const began = job.started_at === null ? null : Date.parse(job.started_at);
    const seconds = began === null ? null : (Date.parse(job.completed_at) - began) / 1000;
    return (
      <span className="text-soft">
        ended <When at={job.completed_at} />
        {seconds !== null && `, took ${duration(seconds)}`}
      </span>
    );
  }
  if (job.lost) {
    return (
      <span className="text-bad">
        not heard of since <When at={job.last_report_at} />
      </span>
    );
  }
  return (
    <span className="text-soft">
      <EtaText job={job} />
    </span>
  );
}

function NewestCheckpoint({ job }: { job: Job }) {
  const status = job.details.checkpoint_status;
  const newest = job.checkpoints.reduce<Job["checkpoints"][number] | null>(
    (best, one) => (best === null || (one.saved_at ?? "") > (best.saved_at ?? "") ? one : best),
    null,
  );
  if (status === "saving" || status === "requested") return <p className="text-sm text-soft">checkpoint: {status}…</p>;
  if (newest === null) return null;
  return (
    <p className="text-sm break-all text-soft">
      <span className="text-good">{newest.verified ? "✔ saved" : "saved"}</span> {newest.path.split("/").at(-1)},{" "}
      {bytes(newest.size)}, <When at={newest.saved_at} />
    </p>
  );
}
