"use client";

import { useLogTail } from "@mixdesk/client/react";
import { UnfoldVertical, WrapText } from "lucide-react";
import { useCallback, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { Failed } from "@/ui/empty";
import type { LogsAddress } from "../address";
import { CHIP } from "../controls";
import { FindBar } from "../find/find-bar";
import { useFind } from "../find/use-find";
import { DownloadMenu } from "./download-menu";
import { FilterBar } from "./filter-bar";
import { Keys } from "./keys";
import { LinkedLine } from "./linked-line";
import { RowList } from "./row-list";
import { SelectionBar } from "./selection-bar";
import { StatusLine } from "./status-line";
import { TailEmpty } from "./tail-empty";
import { useFolds } from "./use-folds";
import { useKeys } from "./use-keys";
import { useRows } from "./use-rows";
import { useSelection } from "./use-selection";

export type TailAddress = Pick<LogsAddress, "q" | "regex" | "level" | "wrap" | "find" | "line" | "text" | "seen">;

interface TailViewProps extends TailAddress {
  service: string;
  source: string;
  onChange: (part: Partial<TailAddress>) => void;
  /** Height of the list. */
  className?: string;
}

const FIRST_LINES = 1000;
const MORE_LINES = 20_000;

/** One log, live: filter, search, fold, copy, download. */
export function TailView({ service, source, className, onChange, ...asked }: TailViewProps) {
  const { q, regex, level, wrap, find: needle } = asked;
  const [lines, setLines] = useState(FIRST_LINES);
  const { tail, view } = useLogTail(service, source, { lines, q, regex, ...(level && { level }), ansi: true });
  const { data: stands, state } = view;
  const filtered = q !== "" || regex !== "" || level !== null;
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const jump = useRef<(index: number) => void>(() => {});
  const shown = useRows(tail, stands);
  const folds = useFolds();
  const { selection, select, clear } = useSelection();
  const find = useFind(tail, shown.rows, needle);
  const show = useCallback(
    (n: number) => {
      shown.pause();
      jump.current(shown.rows.indexOf(n));
    },
    [shown],
  );
  const step = (by: 1 | -1) => {
    const next = find.step(by);
    if (next !== null) show(next);
  };
  const onKey = useKeys({ box, field, shown, selection, select, clear, folds, step, show });
  const ready = useCallback((to: (index: number) => void) => {
    jump.current = to;
  }, []);
  if (state.phase === "ended" && stands.end === stands.first) {
    return (
      <div className="space-y-3 p-3">
        <FilterBar q={q} regex={regex} level={level} onChange={onChange} />
        <Failed title="This log cannot be shown so">{state.reason}</Failed>
      </div>
    );
  }
  return (
    <div className="flex min-w-0 flex-col">
      <div className="space-y-2 border-b p-2">
        <FilterBar q={q} regex={regex} level={level} onChange={onChange} />
        <div className="flex flex-wrap items-center gap-2">
          <FindBar field={field} needle={needle} onNeedle={(find) => onChange({ find })} find={find} onStep={step} />
          <div className="flex flex-wrap items-center gap-1 sm:ml-auto">
            <Toggle name="Wrap" on={wrap} onTurn={() => onChange({ wrap: !wrap })} icon={<WrapText size={16} />} />
            <Toggle
              name="Unfold"
              on={folds.all}
              onTurn={() => folds.setAll(!folds.all)}
              icon={<UnfoldVertical size={16} />}
            />
            <DownloadMenu service={service} source={source} />
            <Keys />
          </div>
        </div>
      </div>
      <LinkedLine {...asked} tail={tail} stands={stands} select={select} show={show} onClose={onChange} />
      <div className={cn("relative flex min-h-0 flex-col", className)}>
        <TailEmpty stands={stands} filtered={filtered} />
        <RowList
          box={box}
          label={`${service}/${source}`}
          shown={shown}
          folds={folds}
          wrap={wrap}
          needle={needle || q}
          here={find.here}
          selection={selection}
          select={select}
          partial={stands.partial}
          onKey={onKey}
          onReady={ready}
          older={stands.older && stands.first === 1 && lines < MORE_LINES ? () => setLines(MORE_LINES) : null}
          className="min-h-0 flex-1"
        />
      </div>
      {selection !== null && (
        <SelectionBar rows={shown.rows} selection={selection} service={service} source={source} onClear={clear} />
      )}
      <StatusLine view={view} shown={shown} filtered={filtered} />
    </div>
  );
}

interface ToggleProps {
  name: string;
  on: boolean;
  onTurn: () => void;
  icon: React.ReactNode;
}

function Toggle({ name, on, onTurn, icon }: ToggleProps) {
  return (
    <button type="button" aria-pressed={on} onClick={onTurn} className={CHIP}>
      <span aria-hidden="true">{icon}</span>
      {name}
    </button>
  );
}
