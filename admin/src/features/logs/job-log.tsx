"use client";

import { isFinal, type Job } from "@mixdesk/client";
import Link from "next/link";
import { useCallback, useState } from "react";
import { Code, Empty, Failed, Waiting } from "@/ui/empty";
import { logsHref, NOTHING_ASKED } from "./address";
import { type TailAddress, TailView } from "./tail/tail-view";
import { useJobLog } from "./use-job-log";

const CAPTURE = `with mixdesk.job("training_rvc", name="anton", capture_output=True) as job:`;

type LoggingJob = Pick<Job, "job_id" | "log_stream" | "status">;

/** The last lines of a job's own log, live; where there is none, why. The page of the logs has the rest. */
export function JobLog({ job }: { job: LoggingJob }) {
  const [service = "", ...rest] = (job.log_stream ?? "").split("/");
  const source = rest.join("/");
  if (service === "" || source === "") return <NoLog over={isFinal(job)} />;
  return <NamedLog key={job.log_stream} service={service} source={source} over={isFinal(job)} />;
}

interface NamedLogProps {
  service: string;
  source: string;
  over: boolean;
}

/** A job names its log also where nothing is written there. */
function NamedLog({ service, source, over }: NamedLogProps) {
  const { data: log, isPending, error } = useJobLog(service, source, over);
  if (isPending) return <Waiting>Looking for its log …</Waiting>;
  if (log === undefined) return <Failed title="Whether there is a log is not known">{error?.message}</Failed>;
  if (log === null) return <NoLog over={over} />;
  if (log.readable) return <Tailed service={service} source={source} />;
  return <NoLog over={over} reason={log.reason} />;
}

function NoLog({ over, reason = null }: { over: boolean; reason?: string | null }) {
  return (
    <Empty title={over ? "No log of this job is here" : "This job has written no log so far"}>
      {reason !== null && <p className="wrap-anywhere">The desk says: {reason}.</p>}
      <p>What a job prints is kept, and shown here, where its trainer asks for it:</p>
      <Code>{CAPTURE}</Code>
      {over ? (
        <p>A log that was kept goes with its job's record, or was removed by hand.</p>
      ) : (
        <p>If it asks for that, its first line appears here within half a minute.</p>
      )}
    </Empty>
  );
}

function Tailed({ service, source }: { service: string; source: string }) {
  const [asked, setAsked] = useState<TailAddress>(NOTHING_ASKED);
  const onChange = useCallback((part: Partial<TailAddress>) => setAsked((before) => ({ ...before, ...part })), []);
  return (
    <div className="min-w-0 overflow-hidden rounded-xl border">
      <TailView
        service={service}
        source={source}
        q={asked.q}
        regex={asked.regex}
        level={asked.level}
        wrap={asked.wrap}
        find={asked.find}
        line={null}
        text=""
        seen={null}
        onChange={onChange}
        className="h-72"
      />
      <p className="border-t bg-card px-3 py-1.5 text-sm">
        <Link
          href={logsHref({ service, source })}
          prefetch={false}
          className="text-accent underline-offset-2 hover:underline"
        >
          Open in Logs
        </Link>
      </p>
    </div>
  );
}
