import { type ChartColour, type ChartSeries, type ChartUnit, colourOf, dashOf } from "./chart-data";

const INK: Record<ChartColour, string> = {
  accent: "text-accent",
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  soft: "text-soft",
};
const CLOCK = new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium" });

interface LegendProps {
  title: string;
  /** The time under the pointer; null for the newest. */
  time: number | null;
  at: number;
  series: readonly ChartSeries[];
  unit: ChartUnit;
}

/** Each line's sign, name and value: the newest, or the one under the pointer. */
export function ChartLegend({ title, time, at, series, unit }: LegendProps) {
  return (
    <span className="flex min-w-0 flex-wrap gap-x-3 text-soft">
      {series.map((one, place) => (
        <span key={one.name} className="inline-flex items-baseline gap-1.5">
          <Sample colour={colourOf(one, place)} dash={dashOf(place)} />
          {one.name !== title && <span>{one.name}</span>}
          <span className="font-medium text-ink">{unit.format(one.values[at] ?? null)}</span>
        </span>
      ))}
      {time !== null && <span>at {CLOCK.format(time)}</span>}
    </span>
  );
}

function Sample({ colour, dash }: { colour: ChartColour; dash: readonly number[] }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 8" className={`h-2 w-4 self-center ${INK[colour]}`}>
      <line
        x1="0"
        y1="4"
        x2="16"
        y2="4"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray={dash.join(" ") || undefined}
      />
    </svg>
  );
}
