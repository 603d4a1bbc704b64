"use client";

import type { LogTailView, StreamState, View } from "@mixdesk/client";
import { ArrowDownToLine } from "lucide-react";
import { count } from "@/lib/format";
import { Button } from "@/ui/button";
import { StaleSince } from "@/ui/stale";
import type { Shown } from "./use-rows";

/** How the tail stands: live, paused, stale; and what it holds. */
export function StatusLine({ view, shown, filtered }: { view: View<LogTailView>; shown: Shown; filtered: boolean }) {
  const { data, state } = view;
  const { first, end } = data;
  const here = end - first;
  // rows have running numbers from 1
  const letGo = first - 1;
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-4 gap-y-1 border-t px-3 py-1 text-xs text-soft">
      <Phase state={state} stands={data} following={shown.following} />
      <span>
        {count(here)} {filtered ? "matching " : ""}
        {here === 1 ? "line" : "lines"} here
      </span>
      {letGo > 0 && <span>{count(letGo)} older ones were let go: the download has them</span>}
      {!shown.following && (
        <Button kind="main" className="ml-auto min-h-7 py-0.5 text-xs" onClick={shown.follow} title="Key: End">
          <ArrowDownToLine aria-hidden="true" size={14} />
          {shown.waiting > 0 ? `${count(shown.waiting)} new ${shown.waiting === 1 ? "line" : "lines"}` : "Follow"}
        </Button>
      )}
      {state.phase === "ended" && <span className="text-bad">{state.reason}</span>}
    </div>
  );
}

interface PhaseProps {
  state: StreamState;
  stands: LogTailView;
  following: boolean;
}

function Phase({ state, stands, following }: PhaseProps) {
  const { gone, live } = stands;
  if (state.phase === "reconnecting") {
    return (
      <span className="flex items-baseline gap-2">
        <StaleSince state={state} className="text-xs" /> reconnecting by itself
      </span>
    );
  }
  if (state.phase === "ended") return <span className="font-medium text-bad">✘ ended</span>;
  if (!live) return <span>◔ reading what is there …</span>;
  if (gone !== null) return <span className="font-medium text-warn">‖ nothing comes: {gone}</span>;
  if (!following) return <span className="font-medium text-warn">‖ paused</span>;
  return <span className="font-medium text-good">● live</span>;
}
