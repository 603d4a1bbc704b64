"use client";

import { useEffect, useState } from "react";
import { bytes, count } from "@/lib/format";
import { Button } from "@/ui/button";
import { Empty, Failed } from "@/ui/empty";
import { type LogsAddress, MOST_HITS } from "../address";
import type { ChangeAddress } from "../use-address";
import { HitView } from "./hit-view";
import { type Asked, SearchForm } from "./search-form";
import { type Search, useSearch } from "./use-search";

interface SearchViewProps {
  address: LogsAddress;
  services: readonly string[];
  change: ChangeAddress;
}

const SHOWN = 200;

/** One search through all logs and their rotated files, newest first. */
export function SearchView({ address, services, change }: SearchViewProps) {
  const { q, regex, level, since, until, service, source, limit } = address;
  const { search, start, stop } = useSearch();
  const [asks, setAsks] = useState(0);
  const wanted = asks > 0 || q !== "" || regex !== "" || level !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same may be asked again
  useEffect(() => {
    if (!wanted) return;
    void start({ q, regex, level, since, until, service, source, limit });
  }, [wanted, asks, q, regex, level, since, until, service, source, limit, start]);
  const onAsk = (asked: Asked) => {
    change(asked, "push");
    setAsks((before) => before + 1);
  };
  return (
    <div className="space-y-4">
      <SearchForm
        asked={address}
        services={services}
        running={search.phase === "running"}
        onAsk={onAsk}
        onStop={stop}
      />
      {search.phase === "idle" ? (
        <Empty title="Search in everything that is logged here">
          <p>
            A text or a pattern, or a level alone: all logs, their rotated and packed files too, newest first. Times
            without a zone are taken for UTC.
          </p>
        </Empty>
      ) : (
        <Hits
          search={search}
          needle={q}
          onMore={limit < MOST_HITS ? () => change({ limit: MOST_HITS }, "push") : null}
          everSince={since === "" ? null : () => change({ since: "" }, "push")}
        />
      )}
    </div>
  );
}

interface HitsProps {
  search: Search;
  needle: string;
  onMore: (() => void) | null;
  everSince: (() => void) | null;
}

function Hits({ search, needle, onMore, everSince }: HitsProps) {
  const { phase, hits, cut, wrong } = search;
  const [shown, setShown] = useState(SHOWN);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins with its first hits
  useEffect(() => setShown(SHOWN), [phase === "running"]);
  return (
    <section aria-label="What was found" className="min-w-0 rounded-xl border bg-card">
      <p role="status" className="border-b px-4 py-2 text-sm text-soft">
        {headline(search)}
      </p>
      {wrong !== "" && (
        <div className="p-4">
          <Failed title="The search failed">{wrong}</Failed>
        </div>
      )}
      {phase === "done" && hits.length === 0 && (
        <div className="p-4">
          <Empty title="Nothing found">
            {everSince !== null && <Button onClick={everSince}>Search in older lines too</Button>}
          </Empty>
        </div>
      )}
      <ol className="divide-y">
        {hits.slice(0, shown).map((hit, index) => (
          <li key={index}>
            <HitView hit={hit} needle={needle} />
          </li>
        ))}
      </ol>
      <footer className="flex flex-wrap items-center gap-3 px-4 py-2 text-sm text-soft empty:hidden">
        {hits.length > shown && (
          <Button onClick={() => setShown(shown + SHOWN)}>Show {Math.min(SHOWN, hits.length - shown)} more</Button>
        )}
        {cut !== null && cut.why !== null && <span className="text-warn">There may be more: {cut.why}.</span>}
        {cut !== null && cut.why !== null && onMore !== null && (
          <Button onClick={onMore}>Ask for up to {count(MOST_HITS)}</Button>
        )}
        {cut !== null && cut.unreadCount > 0 && (
          <span className="min-w-0 wrap-anywhere text-warn">
            Not searched ({cut.unreadCount}): {cut.unread.join("; ")}
          </span>
        )}
        {cut !== null && <span>{bytes(cut.searchedBytes)} read</span>}
      </footer>
    </section>
  );
}

function headline({ phase, hits }: Search): string {
  const found = `${count(hits.length)} ${hits.length === 1 ? "record" : "records"}, newest first`;
  if (phase === "running") return hits.length === 0 ? "Searching …" : `Searching … ${found} so far`;
  if (phase === "stopped") return `Stopped: ${found} so far`;
  if (phase === "failed") return hits.length === 0 ? "No answer" : `Broken off: ${found} so far`;
  return found;
}
