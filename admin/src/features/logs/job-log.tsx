"use client";

import type { Job } from "@mixdesk/client";
import Link from "next/link";
import { useCallback, useState } from "react";
import { Code, Empty } from "@/ui/empty";
import { logsHref, NOTHING_ASKED } from "./address";
import { type TailAddress, TailView } from "./tail/tail-view";

const CAPTURE = `with mixdesk.job("training_rvc", name="anton", capture_output=True) as job:`;

/** The last lines of a job's own log, live; the page of the logs has the rest. */
export function JobLog({ job }: { job: Pick<Job, "job_id" | "log_stream"> }) {
  const [asked, setAsked] = useState<TailAddress>(NOTHING_ASKED);
  const onChange = useCallback((part: Partial<TailAddress>) => setAsked((before) => ({ ...before, ...part })), []);
  const [service, ...rest] = (job.log_stream ?? "").split("/");
  const source = rest.join("/");
  if (!service || !source) {
    return (
      <Empty title="This job writes no log of its own">
        <p>What it prints is kept, and shown here, where its trainer asks for it:</p>
        <Code>{CAPTURE}</Code>
      </Empty>
    );
  }
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
