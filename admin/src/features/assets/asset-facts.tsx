"use client";

import type { Asset, Operation } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { type Leg, legsOf } from "@/features/operations/course";
import { duration, mebibytes, percent, UNKNOWN } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Status } from "@/ui/status";
import { exact } from "@/ui/time";
import { driftWords, neededMb } from "./words";

/** What is seen of an asset, how it differs from what was asked, what is under way, and what is wrong. */
export function AssetStatus({ asset, operation }: { asset: Asset; operation: Operation | undefined }) {
  const drift = driftWords(asset);
  return (
    <div className="min-w-0 space-y-0.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Status of={asset.status} />
        {asset.drift !== null && <Badge tone="warn">{asset.drift}</Badge>}
      </div>
      {operation !== undefined && <UnderWayWords asset={asset.id} operation={operation} />}
      {drift !== null && <p className="text-xs text-warn">{drift}</p>}
      {asset.error !== null && <p className="text-xs wrap-anywhere text-bad">{asset.error}</p>}
    </div>
  );
}

const STAGES: Record<Leg["stage"], string | null> = {
  wait: "waits its turn",
  loading: "is loading",
  stopping: "is stopping",
  ready: null,
  stopped: null,
  failed: null,
  left: null,
};

function UnderWayWords({ asset, operation }: { asset: string; operation: Operation }) {
  const leg = legsOf(operation).find((one) => one.asset === asset);
  const words = leg ? STAGES[leg.stage] : null;
  if (leg === undefined || words === null) return null;
  return (
    <p className="text-xs text-soft">
      {words}
      {leg.began !== null && <Since at={leg.began} />}
    </p>
  );
}

function Since({ at }: { at: number }) {
  const now = useNow();
  return ` for ${duration(Math.max(0, now - at) / 1000)}`;
}

/** GPU memory: what it holds, or would need; on which GPUs where there are several. */
export function Vram({ asset }: { asset: Asset }) {
  const used = asset.metrics.vram_usage_mb;
  const need = neededMb(asset);
  const gpus = asset.usage.vram.filter((card) => (card.used_mb ?? 0) > 0).map((card) => card.gpu);
  const leaked = asset.usage.vram.reduce((all, card) => all + card.leaked_mb, 0);
  if (used == null && need === null && leaked === 0) return <span className="text-soft">{UNKNOWN}</span>;
  return (
    <span className="block">
      <span className="font-medium">{mebibytes(used)}</span>
      {gpus.length > 1 && <span className="text-soft"> on {gpus.join(", ")}</span>}
      {need !== null && (
        <span className="block text-xs text-soft" title={needTitle(asset)}>
          needs {mebibytes(need)}
        </span>
      )}
      {leaked > 0 && <span className="block text-xs text-bad">{mebibytes(leaked)} left behind</span>}
    </span>
  );
}

function needTitle(asset: Asset): string {
  return `registry: ${mebibytes(asset.vram_declared_mb)}; most ever seen: ${mebibytes(asset.vram_peak_mb)}; the larger one counts`;
}

export function Ram({ asset }: { asset: Asset }) {
  return mebibytes(asset.metrics.ram_usage_mb);
}

/** Of one core: two busy cores are 200 %. */
export function Cpu({ asset }: { asset: Asset }) {
  return percent(asset.metrics.cpu_percent, 1);
}

/** How long it has been running, and how often its driver has started it again. */
export function Uptime({ asset }: { asset: Asset }) {
  const { started_at: at, restarts } = asset.usage;
  return (
    <>
      {at === null ? <span className="text-soft">{UNKNOWN}</span> : <Up at={at} />}
      {restarts > 0 && (
        <span className="block text-xs text-warn">{restarts === 1 ? "1 restart" : `${restarts} restarts`}</span>
      )}
    </>
  );
}

function Up({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={`since ${exact(at)}`}>
      {duration(Math.max(0, now - Date.parse(at)) / 1000)}
    </time>
  );
}

/** Who uses it: jobs that run in it, and holds. */
export function InUse({ asset }: { asset: Asset }) {
  const { jobs } = asset.usage;
  return (
    <>
      {jobs.length > 0 && <Badge tone="accent">{jobs.length === 1 ? "1 job" : `${jobs.length} jobs`}</Badge>}
      {asset.holds.length > 0 && (
        <Badge tone="accent">{asset.holds.length === 1 ? "held" : `${asset.holds.length} holds`}</Badge>
      )}
      {asset.evictable && <Badge>evictable</Badge>}
    </>
  );
}
