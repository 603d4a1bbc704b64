import type { SystemMetrics } from "@mixdesk/client";
import { bytes, percent } from "@/lib/format";
import { Meter } from "@/ui/meter";
import { type DiskUse, disksOf } from "./host-series";

const SHOWN = 4;
const WARN_PERCENT = 90;
const BAD_PERCENT = 97;

/** The fullest disks; the others on demand. */
export function Disks({ of }: { of: SystemMetrics }) {
  const disks = disksOf(of);
  if (disks.length === 0) return null;
  const others = disks.slice(SHOWN);
  return (
    <div className="min-w-0">
      <h3 className="mb-2 text-sm font-medium">Disks</h3>
      <DiskList disks={disks.slice(0, SHOWN)} />
      {others.length > 0 && (
        <details className="mt-2">
          <summary className="text-sm text-soft">{others.length} more, less full</summary>
          <DiskList disks={others} />
        </details>
      )}
    </div>
  );
}

function DiskList({ disks }: { disks: readonly DiskUse[] }) {
  return (
    <ul className="space-y-2.5 text-sm">
      {disks.map((disk) => (
        <li key={disk.mount} className="min-w-0">
          <div className="flex justify-between gap-3">
            <span className="min-w-0 truncate font-mono text-xs leading-5" title={disk.mount}>
              {disk.mount}
            </span>
            <span className="whitespace-nowrap text-soft">
              <span className="font-medium text-ink">{percent(disk.percent)}</span> of {bytes(disk.total)}
            </span>
          </div>
          <Meter value={disk.percent} label={`${disk.mount} is used`} tone={toneOf(disk.percent)} />
        </li>
      ))}
    </ul>
  );
}

function toneOf(used: number): "accent" | "warn" | "bad" {
  if (used >= BAD_PERCENT) return "bad";
  return used >= WARN_PERCENT ? "warn" : "accent";
}
