import { Sparkline } from "@/ui/chart-sparkline";
import type { Gauge } from "./gauges";

/** A figure with its line. */
export function GaugeTile({ gauge }: { gauge: Gauge }) {
  return (
    <li className="min-w-0 rounded-lg border bg-card p-2">
      <p className="text-sm text-soft">{gauge.name}</p>
      <p className="truncate text-lg leading-tight font-semibold">{gauge.value}</p>
      <p className="min-h-4 truncate text-xs text-soft">{gauge.beside}</p>
      <Sparkline
        className="mt-1 h-8 w-full"
        label={`${gauge.name} over two minutes, newest ${gauge.value} ${gauge.beside}`}
        values={gauge.values}
        low={0}
        high={gauge.most}
      />
    </li>
  );
}
