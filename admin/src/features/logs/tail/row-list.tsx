"use client";

import { type KeyboardEvent, type RefObject, useCallback } from "react";
import { cn } from "@/lib/cn";
import { mayFold, shapeOf } from "../text/shape";
import { RowView } from "./row-view";
import type { Folds } from "./use-folds";
import type { Shown } from "./use-rows";
import { ROW_PX, useScroll } from "./use-scroll";
import { isSelected, type Selection } from "./use-selection";

export interface RowListProps {
  box: RefObject<HTMLDivElement | null>;
  label: string;
  shown: Shown;
  folds: Folds;
  wrap: boolean;
  needle: string;
  /** The row that a search stands at, or a link led to. */
  here: number | null;
  selection: Selection | null;
  select: (n: number, further: boolean) => void;
  partial: string | null;
  /** Keys that the list does not know itself. */
  onKey: (event: KeyboardEvent) => void;
  /** Told how to bring a row into sight. */
  onReady: (jump: (index: number) => void) => void;
  /** Asks for older lines; null where there are none to be had. */
  older: (() => void) | null;
  className?: string;
}

/** What the button that unfolds takes: a finger must hit it. */
const FOLD_PX = 4;

function heightOfRecord(text: string, unfolded: boolean): number {
  const lines = unfolded ? shapeOf(text).lines.length : 1;
  return lines * ROW_PX + (mayFold(text) ? FOLD_PX : 0);
}

/** The rows of a log in a box that scrolls by itself; only those in sight are in the page. */
export function RowList(props: RowListProps) {
  const { box, label, shown, folds, wrap, needle, here, selection, select, partial, onKey, onReady, older, className } =
    props;
  const { rows, following } = shown;
  const heightOf = useCallback(
    (index: number) => {
      const row = rows.at(index);
      return row?.kind === "record" ? heightOfRecord(row.text, folds.unfolded(row.n)) : ROW_PX;
    },
    [rows, folds],
  );
  const { virtual, height, onScroll, jump } = useScroll(box, shown, heightOf);
  onReady(jump);
  return (
    <div
      ref={box}
      role="log"
      aria-live="off"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKey}
      className={cn(
        "relative min-w-0 overflow-auto overscroll-contain bg-card font-mono text-xs leading-5 -outline-offset-2",
        className,
      )}
    >
      {older !== null && (
        <button type="button" onClick={older} className="sticky left-0 block px-2 py-0.5 text-accent hover:underline">
          Show older lines
        </button>
      )}
      <div className="relative min-w-full" style={{ height }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows.at(item.index);
          if (row === undefined) return null;
          const unfolded = row.kind === "record" && folds.unfolded(row.n);
          return (
            <div
              key={item.key}
              data-index={item.index}
              // heights that are known need no measuring: it would cost most at two thousand lines a second
              ref={wrap || unfolded ? virtual.measureElement : undefined}
              className={cn("absolute top-0 left-0 min-w-full", wrap ? "w-full" : "w-max")}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <RowView
                row={row}
                wrap={wrap}
                needle={needle}
                unfolded={unfolded}
                selected={isSelected(selection, row.n)}
                here={here === row.n}
                onFold={folds.turn}
                onSelect={select}
              />
            </div>
          );
        })}
      </div>
      {partial !== null && following && (
        <div
          className={cn("px-2 pb-1 text-soft italic", wrap ? "wrap-anywhere whitespace-pre-wrap" : "whitespace-pre")}
        >
          <span className="sr-only">A line without end: </span>
          {partial}
          <span aria-hidden="true"> ▏</span>
        </div>
      )}
    </div>
  );
}
