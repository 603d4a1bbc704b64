import { cn } from "@/lib/cn";
import { lookup } from "@/lib/lookup";

// One vocabulary for jobs, assets, operations and alerts: a word, a sign and a colour, never the colour alone.
const SIGNS: Record<string, readonly [sign: string, colour: string]> = {
  queued: ["○", "text-soft"],
  starting: ["◔", "text-accent"],
  running: ["▶", "text-accent"],
  paused: ["‖", "text-warn"],
  finalizing: ["◕", "text-accent"],
  succeeded: ["✔", "text-good"],
  failed: ["✘", "text-bad"],
  canceled: ["■", "text-warn"],
  lost: ["?", "text-bad"],
  pending: ["○", "text-soft"],
  superseded: ["↷", "text-soft"],
  moot: ["∅", "text-soft"],
  loading: ["◔", "text-accent"],
  stopped: ["■", "text-soft"],
  error: ["✘", "text-bad"],
  done: ["✔", "text-good"],
  skipped: ["↷", "text-soft"],
  idle: ["○", "text-soft"],
  requested: ["◔", "text-accent"],
  saving: ["◕", "text-accent"],
  saved: ["✔", "text-good"],
  firing: ["▲", "text-bad"],
  stale: ["?", "text-warn"],
  resolved: ["✔", "text-good"],
};

/** The word of a status with its sign. */
export function Status({ of, className }: { of: string; className?: string }) {
  const [sign, colour] = lookup(SIGNS, of) ?? ["·", "text-soft"];
  return (
    <span className={cn("inline-flex items-center gap-1.5 font-medium whitespace-nowrap", colour, className)}>
      <span aria-hidden="true">{sign}</span>
      {of}
    </span>
  );
}
