"use client";

import type { Asset } from "@mixdesk/client";
import { useMetrics } from "@mixdesk/client/react";
import { GpuPanel } from "./gpu-panel";

/** The source that is the desk's own host. Assets run there, whichever host the other pages show. */
const OWN_HOST = "local";

/** The GPUs that assets run on, with each reading. Apart, since nothing else of the page is drawn anew for one. */
export function OwnGpus({ assets }: { assets: ReadonlyMap<string, Asset> }) {
  const gpus = useMetrics(OWN_HOST).data.at(-1)?.gpus ?? [];
  return <GpuPanel gpus={gpus} assets={assets.values()} />;
}
