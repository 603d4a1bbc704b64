"use client";

import type { LogSource } from "@mixdesk/client";
import { bytes } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { Popover } from "@/ui/popover";
import { When } from "@/ui/time";
import { JobLink } from "./job-link";

/** What is known of a log: its path, its rank and why, and its rotated files. */
export function SourceFacts({ source }: { source: LogSource }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <h2 className="min-w-0 font-semibold wrap-anywhere">
        {source.service}/{source.id}
      </h2>
      <span className="hidden min-w-0 text-sm wrap-anywhere text-soft sm:inline">{source.path}</span>
      {source.job_id !== null && <JobLink id={source.job_id} />}
      <Popover name="About this log" trigger="About" width={420} triggerClassName="min-h-7 px-2 py-0.5">
        <div className="space-y-3 p-2">
          <Facts
            of={[
              ["Path", source.path],
              ["Kind", source.kind],
              ["Rank", source.rank === null ? "—" : `${source.rank}: ${source.why}`],
              ["Size", bytes(source.size)],
              ["Written", <When key="written" at={source.modified} />],
              ["Read by", source.reached_by ?? "—"],
            ]}
          />
          <RotatedParts source={source} />
        </div>
      </Popover>
    </div>
  );
}

function RotatedParts({ source }: { source: LogSource }) {
  if (source.rotated.length === 0) return <p className="text-sm text-soft">No rotated files.</p>;
  return (
    <div>
      <h3 className="text-sm font-medium">Rotated files</h3>
      <ul className="text-sm text-soft">
        {source.rotated.map((part) => (
          <li key={part.path} className="flex justify-between gap-3">
            <span className="min-w-0 wrap-anywhere">{part.path.split("/").at(-1)}</span>
            <span className="whitespace-nowrap">
              {bytes(part.size)}, <When at={part.modified} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
