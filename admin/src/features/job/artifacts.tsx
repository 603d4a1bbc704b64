"use client";

import type { Job } from "@mixdesk/client";
import { webAddress } from "@/lib/web-address";
import { CopyButton } from "@/ui/copy";
import { Panel } from "@/ui/panel";

/** What the job was made from, and what it has made. */
export function Artifacts({ job }: { job: Job }) {
  const { input_file: input, output_artifacts: made = [] } = job.details;
  if (!input && made.length === 0) return null;
  return (
    <Panel title="Files">
      <ul className="space-y-1.5 text-sm">
        {input && <File kind="input" path={input} url={null} />}
        {made.map(({ type, path, url }) => (
          <File key={`${type} ${path}`} kind={type} path={path} url={webAddress(url)} />
        ))}
      </ul>
    </Panel>
  );
}

function File({ kind, path, url }: { kind: string; path: string; url: string | null }) {
  return (
    <li className="flex flex-wrap items-center gap-x-3">
      <span className="w-20 shrink-0 text-soft">{kind}</span>
      <code className="min-w-0 wrap-anywhere">{path}</code>
      <CopyButton text={path} label={`Copy the path of ${kind} ${path}`} className="-my-2" />
      {url !== null && (
        <a href={url} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-4">
          open<span className="sr-only"> {path} in a new tab</span>
        </a>
      )}
    </li>
  );
}
