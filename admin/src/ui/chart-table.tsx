import { cn } from "@/lib/cn";
import type { ChartSeries, ChartUnit } from "./chart-data";
import { exact } from "./time";

const ROWS = 60;

interface TableProps {
  title: string;
  times: readonly number[];
  series: readonly ChartSeries[];
  unit: ChartUnit;
  className?: string;
}

/** The newest figures of a chart, newest first. */
export function ChartTable({ title, times, series, unit, className }: TableProps) {
  const first = Math.max(0, times.length - ROWS);
  const rows = times.slice(first).map((time, at) => ({ time, at: first + at }));
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      aria-label={`Figures of ${title}`}
      className={cn("overflow-auto rounded border text-xs", className)}
    >
      <table className="w-full">
        <caption className="sr-only">The newest figures of {title}</caption>
        <thead className="sticky top-0 bg-raised text-left">
          <tr>
            <th className="px-2 py-1 font-medium">time</th>
            {series.map(({ name }) => (
              <th key={name} className="px-2 py-1 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.reverse().map(({ time, at }) => (
            <tr key={time} className="border-t">
              <td className="px-2 py-0.5 whitespace-nowrap">{exact(new Date(time).toISOString())}</td>
              {series.map(({ name, values }) => (
                <td key={name} className="px-2 py-0.5 text-right">
                  {unit.format(values[at] ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
