"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { type ChartSeries, type ChartUnit, inWords, nearest } from "./chart-data";
import { ChartLegend } from "./chart-legend";
import { ChartTable } from "./chart-table";

export type { ChartColour, ChartSeries, ChartUnit } from "./chart-data";
export { BYTE_RATE, BYTES, CELSIUS, MEBIBYTES, PERCENT, PLAIN } from "./chart-data";

const Canvas = dynamic(() => import("./chart-canvas"), { ssr: false });

const SIZES = { small: "h-24", medium: "h-36", large: "h-64" };
const LIVE_GAP_MS = 5000;

export interface ChartProps {
  title: string;
  /** Milliseconds by the desk's clock, ascending. Give the same array while nothing is new. */
  times: readonly number[];
  /** As many values as times each. */
  series: readonly ChartSeries[];
  /** PERCENT, BYTES, BYTE_RATE, ... or one of your own, made outside the component. */
  unit: ChartUnit;
  /** Milliseconds before the newest reading that are shown; all where left out. */
  span?: number;
  /** More milliseconds than these between two readings break the line. */
  gap?: number;
  size?: keyof typeof SIZES;
  /** What belongs to the newest figures and has no line of its own: `61 °C`. */
  note?: string;
  className?: string;
}

/** Lines over time: newest values in words, those under the pointer, and the same figures as a table. */
export function Chart({
  title,
  times,
  series,
  unit,
  span,
  gap = LIVE_GAP_MS,
  size = "medium",
  note,
  className,
}: ChartProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);
  const at = hovered === null ? times.length - 1 : nearest(times, hovered);
  return (
    <figure className={cn("flex min-w-0 flex-col justify-between", className)}>
      <figcaption className="mb-1 flex items-baseline gap-x-3 text-sm">
        <span className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{title}</span>
          <ChartLegend
            title={title}
            time={hovered === null ? null : (times[at] ?? null)}
            at={at}
            series={series}
            unit={unit}
          />
          {note !== undefined && <span className="text-soft">{note}</span>}
        </span>
        <button
          type="button"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
          className="ml-auto rounded px-1 text-xs text-soft hover:text-ink"
        >
          table<span className="sr-only"> of {title}</span>
        </button>
      </figcaption>
      {asTable ? (
        <ChartTable title={title} times={times} series={series} unit={unit} className={SIZES[size]} />
      ) : (
        <div
          role="img"
          aria-label={inWords(title, series, unit)}
          className={cn("min-w-0 overflow-hidden", SIZES[size])}
        >
          <Canvas times={times} series={series} unit={unit} span={span} gap={gap} onHover={setHovered} />
        </div>
      )}
    </figure>
  );
}
