"use client";

import type { LogSource } from "@mixdesk/client";
import Link from "next/link";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { bytes } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Input } from "@/ui/field";
import { When } from "@/ui/time";
import { logsHref } from "../address";

interface SourceListProps {
  service: string;
  sources: readonly LogSource[];
  more: boolean;
  chosen: string | null;
}

const MANY = 12;
const SHOWN = 200;
const TONES: Record<LogSource["kind"], Tone> = {
  error: "bad",
  application: "accent",
  stdout: "plain",
  access: "plain",
  debug: "plain",
};

/** The logs of a service, best first: why they stand so, how large and how fresh they are, or why they cannot be read. */
export function SourceList({ service, sources, more, chosen }: SourceListProps) {
  const [wish, setWish] = useState("");
  const found = sources.filter((one) => nameOf(one).toLowerCase().includes(wish.toLowerCase()));
  return (
    <nav aria-label={`Logs of ${service}`} className="min-w-0">
      {sources.length > MANY && (
        <Input
          aria-label="Find a log"
          placeholder={`Find one of ${sources.length}${more ? "+" : ""} logs`}
          value={wish}
          onChange={(event) => setWish(event.target.value)}
          className="mb-2"
        />
      )}
      <ol className="max-h-[34rem] space-y-1 overflow-y-auto">
        {found.slice(0, SHOWN).map((source) => (
          <li key={source.id}>
            <SourceLink source={source} current={source.id === chosen} />
          </li>
        ))}
      </ol>
      {found.length > SHOWN && <p className="p-2 text-sm text-soft">{found.length - SHOWN} more: find them above.</p>}
      {found.length === 0 && <p className="p-2 text-sm text-soft">No log is called so.</p>}
    </nav>
  );
}

function nameOf(source: LogSource): string {
  return source.job_type === null ? source.id : `${source.job_type} ${source.id}`;
}

function SourceLink({ source, current }: { source: LogSource; current: boolean }) {
  return (
    <Link
      href={logsHref({ service: source.service, source: source.id })}
      prefetch={false}
      aria-current={current ? "true" : undefined}
      title={`${source.path}\n${source.why}`}
      className="block rounded-lg border border-transparent px-2.5 py-1.5 text-sm -outline-offset-2 hover:bg-raised aria-[current]:border-accent aria-[current]:bg-raised"
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className={cn("min-w-0 font-medium wrap-anywhere", !source.readable && "text-soft")}>{source.id}</span>
        <Badge tone={source.readable ? TONES[source.kind] : "warn"}>
          {source.readable ? source.kind : "unreadable"}
        </Badge>
      </span>
      {source.job_type !== null && <span className="block text-xs text-soft">{source.job_type}</span>}
      {source.readable ? (
        <span className="flex flex-wrap gap-x-2 text-xs text-soft">
          <span>{bytes(source.size)}</span>
          {source.modified !== null && <When at={source.modified} />}
          {source.rotated.length > 0 && <span>{source.rotated.length} rotated</span>}
        </span>
      ) : (
        <span className="block text-xs wrap-anywhere text-warn">{source.reason}</span>
      )}
    </Link>
  );
}
