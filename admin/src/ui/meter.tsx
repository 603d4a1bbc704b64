import { cn } from "@/lib/cn";

interface MeterProps {
  /** 0 to 100; null where it is not known. */
  value: number | null;
  label: string;
  className?: string;
  tone?: "accent" | "good" | "warn" | "bad";
}

const TONES = { accent: "text-accent", good: "text-good", warn: "text-warn", bad: "text-bad" };

/** A bar. Drawn as SVG, so that its width needs no style in the page. */
export function Meter({ value, label, className, tone = "accent" }: MeterProps) {
  const shown = value === null ? 0 : Math.min(100, Math.max(0, value));
  return (
    <svg
      role="img"
      aria-label={value === null ? `${label}: not known` : `${label}: ${Math.floor(shown)} %`}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      className={cn("h-1.5 w-full rounded-full bg-raised", TONES[tone], className)}
    >
      <rect width={shown} height="1" fill="currentColor" />
    </svg>
  );
}
