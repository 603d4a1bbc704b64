"use client";

import { useAssets, useJobs } from "@mixdesk/client/react";
import { useMemo } from "react";
import { cardsOf } from "@/features/assets/vram";
import { Panel } from "@/ui/panel";
import { Stale } from "@/ui/stale";
import { GpuMemoryBar } from "./gpu-memory-bar";
import { useHostReadings } from "./use-host";

/** Who holds the memory of each GPU of the host that is shown, to scale. */
export function GpuPanel() {
  const readings = useHostReadings();
  const gpus = readings.data.at(-1)?.gpus;
  const jobs = useJobs().data;
  const assets = useAssets().data;
  const cards = useMemo(() => {
    const shown = new Set(gpus?.map((gpu) => gpu.uuid));
    return cardsOf(gpus ?? [], assets.values(), jobs.values()).filter((card) => shown.has(card.uuid));
  }, [gpus, assets, jobs]);
  const names = useMemo(() => new Map([...assets.values()].map((asset) => [asset.id, asset.name])), [assets]);
  if (cards.length === 0) return null;
  return (
    <Panel title="Who holds GPU memory">
      <Stale state={readings.state}>
        <div className="space-y-5">
          {cards.map((card) => (
            <GpuMemoryBar key={card.uuid} card={card} names={names} />
          ))}
        </div>
      </Stale>
    </Panel>
  );
}
