import type { Asset } from "@mixdesk/client";
import { cn } from "@/lib/cn";
import { duration, mebibytes, UNKNOWN } from "@/lib/format";
import { Status } from "@/ui/status";
import { type Memory, memoryOf } from "./memory";

/** Assets one below the other, with the GPU memory that each holds to one scale. */
export function AssetList({ assets, stale }: { assets: readonly Asset[]; stale: boolean }) {
  const memories = assets.map((asset) => ({ asset, memory: memoryOf(asset) }));
  const most = Math.max(1, ...memories.map(({ memory }) => memory.used ?? memory.reserved));
  return (
    <ul className={cn("divide-y", stale && "opacity-80")} aria-label="Assets">
      {memories.map(({ asset, memory }) => (
        <li key={asset.id} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1 py-2 first:pt-0 last:pb-0">
          <p className="truncate font-medium">
            {asset.name} <span className="text-sm font-normal text-soft">{asset.type}</span>
          </p>
          <Status of={asset.status} className="justify-self-end text-sm" />
          <p className="flex min-w-0 items-center gap-2 text-sm text-soft">
            {asset.resource_type === "gpu" ? <MemoryBar memory={memory} most={most} /> : memoryInWords(asset)}
          </p>
          <p className="justify-self-end text-sm text-soft">
            {asset.drift ?? (asset.status === "running" ? `up ${duration(asset.usage.uptime_s)}` : "")}
          </p>
          {asset.error !== null && <p className="col-span-2 text-sm break-words text-bad">{asset.error}</p>}
        </li>
      ))}
    </ul>
  );
}

function memoryInWords(asset: Asset): string {
  const { ram_usage_mb: ram } = asset.metrics;
  return ram === null || ram === undefined ? `memory ${UNKNOWN}` : `${mebibytes(ram)} RAM`;
}

function MemoryBar({ memory, most }: { memory: Memory; most: number }) {
  const { used, cards } = memory;
  if (used === null) return `VRAM ${UNKNOWN}`;
  const words = `${mebibytes(used)} VRAM`;
  return (
    <>
      <svg
        aria-hidden="true"
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        className="h-1.5 w-24 shrink-0 rounded-full bg-raised"
      >
        <rect width={(used / most) * 100} height="1" className="fill-accent" />
      </svg>
      <span className="truncate">{cards === "" ? words : `${words} on ${cards}`}</span>
    </>
  );
}
