"use client";

import type { LogEntry } from "@mixdesk/client";
import { type KeyboardEvent, type RefObject, useRef } from "react";
import type { Folds } from "./use-folds";
import type { Shown } from "./use-rows";
import type { Selection } from "./use-selection";

interface Hands {
  box: RefObject<HTMLDivElement | null>;
  field: RefObject<HTMLInputElement | null>;
  shown: Shown;
  selection: Selection | null;
  select: (n: number, further: boolean) => void;
  clear: () => void;
  folds: Folds;
  step: (by: 1 | -1) => void;
  show: (n: number) => void;
}

/** The keys of the list of lines. */
export function useKeys(hands: Hands): (event: KeyboardEvent) => void {
  const now = useRef(hands);
  now.current = hands;
  const onKey = useRef((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (acted(event, now.current)) event.preventDefault();
  });
  return onKey.current;
}

function acted(event: KeyboardEvent, hands: Hands): boolean {
  const { key } = event;
  if (key === "End") hands.shown.follow();
  else if (key === "Home") toTop(hands);
  else if (key === "/") hands.field.current?.focus();
  else if (key === "n" || key === "N") hands.step(key === "n" ? 1 : -1);
  else if (key === "j" || key === "J") walk(hands, 1, event.shiftKey);
  else if (key === "k" || key === "K") walk(hands, -1, event.shiftKey);
  else if (key === "Escape") hands.clear();
  else if (key === "Enter" && event.target === event.currentTarget && hands.selection !== null) {
    hands.folds.turn(hands.selection.to);
  } else return false;
  return true;
}

function isMark(row: LogEntry | undefined): boolean {
  return row !== undefined && row.kind !== "record";
}

function toTop({ shown, box }: Hands): void {
  shown.pause();
  if (box.current !== null) box.current.scrollTop = 0;
}

function walk({ shown, selection, select, show }: Hands, by: 1 | -1, further: boolean): void {
  const { rows } = shown;
  let index = selection === null ? (by === 1 ? -1 : rows.length) : rows.indexOf(selection.to);
  do index += by;
  while (isMark(rows.at(index)));
  const row = rows.at(index);
  if (row === undefined) return;
  select(row.n, further);
  show(row.n);
}
