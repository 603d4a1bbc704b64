"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";
import type { Shown } from "./use-rows";

export const ROW_PX = 20;
const OVERSCAN = 12;
const AT_END_PX = 4;
const LEFT_END_PX = 2 * ROW_PX;
/** Measured heights that are remembered: at two thousand lines a second they would never end. */
const MOST_MEASURED = 4000;

/** The rows in sight. While it follows, the end stays in sight; who scrolls up makes it stand still. */
export function useScroll(
  box: RefObject<HTMLDivElement | null>,
  { rows, following, pause, follow }: Shown,
  heightOf: (index: number) => number,
) {
  const getItemKey = useCallback((index: number) => rows.first + index, [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: heightOf,
    getItemKey,
    overscan: OVERSCAN,
    useFlushSync: false,
  });
  const height = virtual.getTotalSize();
  const before = useRef(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end moves with the rows and with their height
  useLayoutEffect(() => {
    if (!following || box.current === null) return;
    if (virtual.itemSizeCache.size > MOST_MEASURED) virtual.measure();
    box.current.scrollTop = box.current.scrollHeight;
    before.current = box.current.scrollTop;
  }, [following, rows, height]);
  const onScroll = useCallback(() => {
    if (box.current === null) return;
    const { scrollTop, scrollHeight, clientHeight } = box.current;
    const left = scrollHeight - clientHeight - scrollTop;
    if (following && scrollTop < before.current && left > LEFT_END_PX) pause();
    if (!following && scrollTop > before.current && left < AT_END_PX) follow();
    before.current = scrollTop;
  }, [box, following, pause, follow]);
  /** Shows a row in the middle; that it may be the end of the list is no wish to follow. */
  const jump = useCallback(
    (index: number) => {
      virtual.scrollToIndex(index, { align: "center" });
      before.current = Math.max(before.current, box.current?.scrollTop ?? 0, virtual.getTotalSize());
    },
    [virtual, box],
  );
  return { virtual, height, onScroll, jump };
}
