"use client";

import { useAssets, useJobs } from "@mixdesk/client/react";
import { useMemo } from "react";
import { Panel } from "@/ui/panel";
import { gpuMemory, jobsTogether } from "./gpu-memory";
import { GpuMemoryBar, HolderList } from "./gpu-memory-bar";
import { useHostReadings } from "./use-host";

/** Who holds the memory of each GPU, to scale. */
export function GpuPanel() {
  const last = useHostReadings().data.at(-1);
  const jobs = useJobs().data;
  const assets = useAssets().data;
  const [cards, together] = useMemo(() => {
    if (last === undefined) return [[], []];
    const asked = [last, [...assets.values()], [...jobs.values()]] as const;
    return [gpuMemory(...asked), jobsTogether(...asked)];
  }, [last, assets, jobs]);
  if (cards.length === 0) return null;
  return (
    <Panel title="Who holds GPU memory">
      <div className="space-y-5">
        {cards.map((card) => (
          <GpuMemoryBar key={card.uuid} card={card} />
        ))}
      </div>
      {together.length > 0 && (
        <>
          <h3 className="mt-5 text-sm font-medium">Jobs, on all GPUs together</h3>
          <p className="text-xs text-soft">In the bars they are among the other processes.</p>
          <HolderList holders={together} />
        </>
      )}
    </Panel>
  );
}
