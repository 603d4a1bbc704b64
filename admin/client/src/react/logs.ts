"use client";

import { useMemo } from "react";
import { LogTail, type LogTailOptions, type LogTailView } from "../logs/tail.ts";
import type { View } from "../streams/source.ts";
import { useDesk } from "./desk.tsx";
import { useSource } from "./streams.ts";

/**
 * A log as it grows: `view` says how it stands, `tail.ring.get(n)` has the entries from `view.data.first` to
 * `view.data.end - 1`. Another service, source or filter is another tail; `keep` and `lines` too.
 */
export function useLogTail(
  service: string,
  source: string,
  options: LogTailOptions = {},
): { tail: LogTail; view: View<LogTailView> } {
  const desk = useDesk();
  const { lines, q, regex, level, ansi, keep } = options;
  const tail = useMemo(
    () => new LogTail(desk, service, source, { lines, q, regex, level, ansi, keep }),
    [desk, service, source, lines, q, regex, level, ansi, keep],
  );
  return { tail, view: useSource(tail) };
}
