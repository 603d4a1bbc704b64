"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { logsHref } from "@/features/logs/address";
import type { Hit as LogHit } from "@/features/logs/search/ndjson";
import { Empty, Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { When } from "@/ui/time";
import { type Found, foundIn, headOf } from "./newest-errors";

// a search reads files: seldom, and not at all while nobody looks
const EVERY_MS = 30_000;
const WANTED = { level: "error", since: "1h", limit: 8 } as const;

/** The newest errors in all logs of the last hour. For operators who are bound to no owner. */
export function ErrorsPanel() {
  const desk = useDesk();
  const { data, error } = useQuery({
    queryKey: ["newest-errors"],
    queryFn: async ({ signal }) =>
      foundIn(
        await unwrap(desk.rest.GET("/admin/logs/search", { params: { query: WANTED }, parseAs: "text", signal })),
      ),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
    networkMode: "always",
  });
  return (
    <Panel
      title={
        <Link href="/logs/" prefetch={false} className="hover:text-accent">
          Newest errors
        </Link>
      }
      aside="last hour, all logs"
    >
      {error && <p className="mb-2 text-sm font-medium text-warn">Not searched: {error.message}</p>}
      {data === undefined ? !error && <Waiting>Searching the logs of the last hour …</Waiting> : <Hits found={data} />}
    </Panel>
  );
}

function Hits({ found }: { found: Found }) {
  if (found.hits.length === 0) return <NoErrors />;
  return (
    <ul className="divide-y text-sm">
      {found.hits.map((hit, place) => (
        <li key={place} className="py-1.5 first:pt-0 last:pb-0">
          <Hit hit={hit} />
        </li>
      ))}
    </ul>
  );
}

function Hit({ hit }: { hit: LogHit }) {
  const { head, more } = headOf(hit.text);
  return (
    <Link
      href={logsHref({ service: hit.service, source: hit.source, level: "error" })}
      prefetch={false}
      className="group block min-w-0"
    >
      <span className="flex flex-wrap items-baseline gap-x-2 text-soft">
        <span className="font-medium group-hover:text-accent group-hover:underline">
          {hit.service}/{hit.source}
        </span>
        {hit.level !== null && <span className="text-bad">{hit.level}</span>}
        <When at={hit.time} className="ml-auto" />
      </span>
      <span className="line-clamp-2 font-mono text-xs wrap-anywhere">{head}</span>
      {more > 0 && <span className="text-xs text-soft">and {more} more lines</span>}
    </Link>
  );
}

function NoErrors() {
  return (
    <Empty title="No errors in the last hour">
      <p>
        That is so of all logs that the desk knows. Which these are is under{" "}
        <Link href="/logs/" prefetch={false} className="text-accent underline underline-offset-2">
          Logs
        </Link>
        ; others join by <code>[logs]</code> in <code>mixdesk.toml</code>.
      </p>
    </Empty>
  );
}
