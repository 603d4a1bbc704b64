import type { Job } from "@mixdesk/client";
import { cn } from "@/lib/cn";
import { progressInWords, type Segment, segments } from "./progress";

interface ProgressBarProps {
  job: Job;
  /** `thin` for rows, `big` for the page of one job. */
  size?: "thin" | "big";
  className?: string;
}

const HEIGHTS = { thin: "h-2", big: "h-4" };
/** Space between two phases, in percent of the bar. */
const GAP = 0.4;

/** One bar for the whole job: a segment a phase, as wide as it weighs, filled as far as it is done. */
export function ProgressBar({ job, size = "thin", className }: ProgressBarProps) {
  const parts = segments(job.phases);
  const shown = parts.length > 0 ? parts : [whole(job)];
  const words = shown.map((part) => part.words).join("; ");
  return (
    <svg
      role="img"
      aria-label={`${job.name ?? job.job_id}: ${progressInWords(job)}. ${words}`}
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      className={cn("block w-full overflow-hidden rounded-full", HEIGHTS[size], className)}
    >
      {shown.map((part, index) => (
        <Part key={part.key} part={part} last={index === shown.length - 1} tone={toneOf(job, part)} />
      ))}
    </svg>
  );
}

function Part({ part, last, tone }: { part: Segment; last: boolean; tone: string }) {
  const width = Math.max(0, part.width - (last ? 0 : GAP));
  return (
    <g>
      <title>{part.words}</title>
      <rect x={part.from} width={width} height="1" className="fill-raised" />
      <rect x={part.from} width={(width * (part.done ?? 0)) / 100} height="1" className={tone} />
    </g>
  );
}

function toneOf(job: Job, part: Segment): string {
  if (job.status === "failed" || part.state === "failed") return "fill-bad";
  if (job.lost || job.status === "paused" || job.status === "canceled") return "fill-warn";
  if (job.status === "succeeded") return "fill-good";
  return part.state === "skipped" ? "fill-soft" : "fill-accent";
}

/** A job that has told no phases yet. */
function whole(job: Job): Segment {
  return {
    key: "whole",
    label: "",
    state: "pending",
    weight: 100,
    done: job.progress_percent,
    from: 0,
    width: 100,
    words: "its phases are not known yet",
  };
}
