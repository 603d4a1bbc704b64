"use client";

import type { LogService } from "@mixdesk/client";
import dynamic from "next/dynamic";
import { useCallback } from "react";
import { Failed, Waiting } from "@/ui/empty";
import type { LogsAddress } from "../address";
import type { TailAddress } from "../tail/tail-view";
import type { ChangeAddress } from "../use-address";
import { useSources } from "../use-logs";
import { NoSources } from "./no-services";
import { SourceFacts } from "./source-facts";
import { SourceList } from "./source-list";
import { Unreadable } from "./unreadable";
import { useStay } from "./use-stay";

// the list of the logs does not wait for what shows their lines
const TailView = dynamic(() => import("../tail/tail-view").then((part) => part.TailView), {
  loading: () => <Waiting>Opening the log …</Waiting>,
});

interface ServiceViewProps {
  service: LogService;
  address: LogsAddress;
  change: ChangeAddress;
}

/** One service: its logs, and the one that is chosen live. */
export function ServiceView({ service, address, change }: ServiceViewProps) {
  const sources = useSources(service.service);
  const chosen = useStay(service.service, sources.data?.items, address.source);
  const onChange = useCallback((part: Partial<TailAddress>) => change(part), [change]);
  if (sources.isPending) return <Waiting>Asking which logs {service.service} has …</Waiting>;
  if (sources.data === undefined) return <Failed title="No answer">{sources.error?.message}</Failed>;
  const { items, more } = sources.data;
  return (
    <div className="space-y-3">
      <Notes service={service} />
      {items.length === 0 && chosen === undefined ? (
        <NoSources service={service.service} notes={service.notes} />
      ) : (
        <div className="grid gap-4 lg:grid-cols-[15rem_minmax(0,1fr)]">
          <details className="lg:hidden">
            <summary className="rounded-lg border bg-card px-3 py-2 text-sm">
              Log: <span className="font-medium">{chosen?.id ?? address.source}</span> (one of {items.length}
              {more ? "+" : ""})
            </summary>
            <div className="mt-2">
              <SourceList service={service.service} sources={items} more={more} chosen={chosen?.id ?? null} />
            </div>
          </details>
          <div className="hidden lg:block">
            <SourceList service={service.service} sources={items} more={more} chosen={chosen?.id ?? null} />
          </div>
          <div className="min-w-0">
            {chosen === undefined ? (
              <Failed title={`${service.service} has no log named ${address.source}`}>
                It may have been removed. Choose another one.
              </Failed>
            ) : (
              <section aria-label="The log" className="min-w-0 overflow-hidden rounded-xl border bg-card">
                <header className="border-b px-3 py-2">
                  <SourceFacts source={chosen} />
                </header>
                {chosen.readable ? (
                  <TailView
                    key={`${chosen.service}/${chosen.id}`}
                    service={chosen.service}
                    source={chosen.id}
                    q={address.q}
                    regex={address.regex}
                    level={address.level}
                    wrap={address.wrap}
                    find={address.find}
                    line={address.line}
                    text={address.text}
                    seen={address.seen}
                    onChange={onChange}
                    className="h-[max(20rem,calc(100dvh-24rem))]"
                  />
                ) : (
                  <div className="p-3">
                    <Unreadable source={chosen} />
                  </div>
                )}
              </section>
            )}
          </div>
        </div>
      )}
    </div>
  );
}

function Notes({ service }: { service: LogService }) {
  const { state, container, notes } = service;
  if (state === null && notes.length === 0) return null;
  return (
    <div className="text-sm text-soft">
      {state !== null && (
        <p>
          Container <span className="text-ink">{container ?? "—"}</span>: {state}
        </p>
      )}
      {notes.map((note) => (
        <p key={note} className="wrap-anywhere text-warn">
          <span aria-hidden="true">▲ </span>
          {note}
        </p>
      ))}
    </div>
  );
}
