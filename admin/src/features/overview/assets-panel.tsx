"use client";

import { useAssets } from "@mixdesk/client/react";
import Link from "next/link";
import { mebibytes } from "@/lib/format";
import { Code, Empty, Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { Stale } from "@/ui/stale";
import { Status } from "@/ui/status";

/** Each model and service with how it is. */
export function AssetsPanel() {
  const { data, ready, state } = useAssets();
  const assets = [...data.values()];
  const running = assets.filter((asset) => asset.status === "running").length;
  return (
    <Panel
      title={
        <Link href="/assets/" prefetch={false} className="hover:text-accent">
          Assets
        </Link>
      }
      aside={assets.length > 0 && `${running} of ${assets.length} running`}
    >
      {assets.length === 0 && (ready ? <NoAssets /> : <Waiting>Asking for the assets …</Waiting>)}
      <Stale state={state}>
        <ul className="divide-y text-sm">
          {assets.map((asset) => (
            <li key={asset.id} className="flex items-baseline gap-3 py-1.5 first:pt-0 last:pb-0">
              <span className="min-w-0 flex-1 truncate" title={asset.error ?? undefined}>
                {asset.name}
                {asset.drift !== null && <span className="block truncate text-xs text-warn">{asset.drift}</span>}
              </span>
              <Status of={asset.status} />
              <span className="w-16 text-right whitespace-nowrap text-soft">
                {mebibytes(asset.metrics.vram_usage_mb)}
                <span className="sr-only"> of GPU memory</span>
              </span>
            </li>
          ))}
        </ul>
      </Stale>
    </Panel>
  );
}

function NoAssets() {
  return (
    <Empty title="No assets yet">
      <p>Assets are models and services that this desk starts and stops. This writes a first list of yours:</p>
      <Code>mixdesk assets init</Code>
      <p>It looks at a compose file or at the containers that run, and changes nothing else.</p>
    </Empty>
  );
}
