import { isFinal, type Job, shownStatus } from "@mixdesk/client";
import Link from "next/link";
import { EtaText } from "@/features/jobs/eta-text";
import { jobHref, nameOf, positionInWords, typeInWords } from "@/features/jobs/position";
import { ProgressBar } from "@/features/jobs/progress-bar";
import { percent } from "@/lib/format";
import { Status } from "@/ui/status";
import { When } from "@/ui/time";

/** One job in two lines and a bar; it leads to its page. */
export function JobLine({ job }: { job: Job }) {
  const ended = isFinal(job);
  return (
    <div className="min-w-0 text-sm">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <Link
          href={jobHref(job.job_id)}
          prefetch={false}
          className="min-w-0 truncate font-medium hover:text-accent hover:underline"
        >
          {nameOf(job)}
        </Link>
        <span className="text-soft">{typeInWords(job.job_type)}</span>
        <span className="ml-auto flex items-baseline gap-3">
          {!ended && <span className="font-medium">{percent(job.progress_percent)}</span>}
          <Status of={shownStatus(job)} />
        </span>
      </div>
      {ended ? <End job={job} /> : <Course job={job} />}
    </div>
  );
}

function Course({ job }: { job: Job }) {
  const where = [job.current_step.label, positionInWords(job)].filter(Boolean).join(", ");
  return (
    <>
      <ProgressBar job={job} className="my-1.5" />
      <div className="flex flex-wrap justify-between gap-x-4 text-soft">
        <span>{where}</span>
        <span>
          <EtaText job={job} />
        </span>
      </div>
    </>
  );
}

function End({ job }: { job: Job }) {
  return (
    <div className="flex flex-wrap justify-between gap-x-4 text-soft">
      <span className="min-w-0 flex-1 truncate">{job.error}</span>
      <When at={job.completed_at} />
    </div>
  );
}
