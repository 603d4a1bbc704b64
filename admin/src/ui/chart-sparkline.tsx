import { cn } from "@/lib/cn";
import { strokes, type Values } from "./chart-data";

interface SparklineProps {
  values: Values;
  /** What a screen reader says: the name and the newest value. */
  label: string;
  low?: number;
  high?: number;
  className?: string;
}

/** A line as small as a word: no axes, its figures stand beside it. Its colour is that of the text. */
export function Sparkline({ values, label, low, high, className }: SparklineProps) {
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      className={cn("h-6 w-24 overflow-visible text-accent", className)}
    >
      {strokes(values, low, high).map((points) => (
        <polyline
          key={points}
          points={points}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </svg>
  );
}
