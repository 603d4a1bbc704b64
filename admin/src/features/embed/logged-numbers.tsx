import type { Job } from "@mixdesk/client";
import { figure } from "@/lib/format";
import { Sparkline } from "@/ui/chart-sparkline";

const MOST = 3;

/** The first few numbers that the trainer logs, each with its last twenty values. */
export function LoggedNumbers({ job }: { job: Job }) {
  const shown = Object.entries(job.metrics).slice(0, MOST);
  if (shown.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm" aria-label="Logged numbers">
      {shown.map(([name, { value, history }]) => (
        <li key={name} className="flex items-center gap-2">
          <span className="text-soft">{name}</span>
          <span className="font-medium">{figure(value)}</span>
          <Sparkline
            className="w-16"
            label={`${name}: ${figure(value)}`}
            values={history.map((one) => (typeof one === "number" ? one : null))}
          />
        </li>
      ))}
    </ul>
  );
}
