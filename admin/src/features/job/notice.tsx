"use client";

import { isFinal, type Job, unwrap } from "@mixdesk/client";
import { useDesk, useNow } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { clockTime } from "@/features/jobs/eta";
import { jobHref } from "@/features/jobs/position";
import { duration } from "@/lib/format";
import { useSession } from "@/shell/session";
import { Code } from "@/ui/empty";
import { When } from "@/ui/time";
import { givesUpAt } from "./give-up";

/** What has to be known of a job that does not simply run: why, and what comes next. */
export function Notice({ job }: { job: Job }) {
  if (job.lost) return <Lost job={job} />;
  if (job.status === "queued") return <Queued job={job} />;
  if (job.status === "paused") {
    return (
      <Box tone="warn" title="It waits at a step boundary until it is told to go on.">
        Its process stays, and so does the memory that it holds.
      </Box>
    );
  }
  if (job.resuming) {
    return (
      <Box title="It catches up with its checkpoint.">
        Batches that are done already are drawn again, so that it goes on exactly where it was.
      </Box>
    );
  }
  return isFinal(job) && job.error ? <Ended job={job} error={job.error} /> : null;
}

function Lost({ job }: { job: Job }) {
  const now = useNow();
  const after = useGivesUpAfter();
  const at = givesUpAt(job, after);
  return (
    <Box tone="bad" title="Its trainer is not heard any more.">
      It was last heard <When at={job.last_report_at} />. Either it is cut off from the desk and trains on, or its
      process was killed. When it reports again it goes on here as if nothing had been
      {givingUp(at, now)} What was asked of it is kept until then.
    </Box>
  );
}

function givingUp(at: number | null, now: number): string {
  if (at === null) return "; otherwise the desk takes it as failed after a while.";
  if (at <= now) return "; otherwise the desk takes it as failed soon.";
  return `; otherwise the desk takes it as failed about ${clockTime(at, now)}, in ${duration((at - now) / 1000)}.`;
}

/** `jobs.lost_fail_s`, where one may read the settings. */
function useGivesUpAfter(): number | null {
  const desk = useDesk();
  const admin = useSession().may("admin");
  const asked = useQuery({
    queryKey: ["settings"],
    queryFn: () => unwrap(desk.rest.GET("/admin/settings")),
    enabled: admin,
  });
  const settings: unknown = asked.data;
  return lostFailOf(settings);
}

function lostFailOf(settings: unknown): number | null {
  const jobs = field(field(settings, "settings"), "jobs");
  const seconds = field(jobs, "lost_fail_s");
  return typeof seconds === "number" ? seconds : null;
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Object.entries(of).find(([key]) => key === name)?.[1] : undefined;
}

function Queued({ job }: { job: Job }) {
  return (
    <Box title="It waits for a trainer to take it up.">
      <p>
        Whoever queued it has its key. A process that is started with both in its environment takes it up with{" "}
        <code>mixdesk.job(…)</code>:
      </p>
      <Code>{`MIXDESK_JOB=${job.job_id}:KEY python train.py`}</Code>
    </Box>
  );
}

function Ended({ job, error }: { job: Job; error: string }) {
  const next = /^continued as (\S+)$/.exec(error)?.[1];
  return (
    <Box tone="bad" title={job.status === "failed" ? "It failed." : "It has ended."}>
      {next ? (
        <Link href={jobHref(next)} prefetch={false} className="underline underline-offset-4">
          It was continued as {next}
        </Link>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <pre tabIndex={0} className="max-h-72 overflow-auto font-mono whitespace-pre-wrap wrap-anywhere">
          {error}
        </pre>
      )}
    </Box>
  );
}

const TONES = { plain: "border-line", warn: "border-warn", bad: "border-bad" };

function Box({ tone = "plain", title, children }: { tone?: keyof typeof TONES; title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className={`min-w-0 space-y-2 rounded-xl border bg-card p-4 text-sm ${TONES[tone]}`}>
      <p className="font-medium">{title}</p>
      <div className="space-y-2 text-soft">{children}</div>
    </section>
  );
}
