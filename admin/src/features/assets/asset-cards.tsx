"use client";

import { memo, type ReactNode } from "react";
import { AssetActions } from "./asset-actions";
import { AssetDetails } from "./asset-details";
import { AssetStatus, Cpu, Ram, Uptime, Vram } from "./asset-facts";
import { type AssetItemProps, type AssetListProps, AssetName, detailsId, NOBODY } from "./asset-table";

/** Assets on a phone: one card each. */
export function AssetCards({ assets, neededBy, operations, open, onOpen, onAsk }: AssetListProps) {
  return (
    <ul aria-label="Assets" className="space-y-3">
      {assets.map((asset) => (
        <AssetCard
          key={asset.id}
          asset={asset}
          neededBy={neededBy.get(asset.id) ?? NOBODY}
          operation={operations.get(asset.id)}
          open={open === asset.id}
          onOpen={onOpen}
          onAsk={onAsk}
        />
      ))}
    </ul>
  );
}

/** Drawn anew only when something of its asset changes. */
const AssetCard = memo(function AssetCard({ asset, neededBy, operation, open, onOpen, onAsk }: AssetItemProps) {
  return (
    <li className="rounded-xl border bg-card p-3">
      <div className="flex items-start justify-between gap-2">
        <AssetName asset={asset} open={open} onOpen={onOpen} />
        {onAsk && <AssetActions asset={asset} onAsk={onAsk} />}
      </div>
      <div className="mt-2">
        <AssetStatus asset={asset} operation={operation} />
      </div>
      <dl className="mt-2 grid grid-cols-[1.5fr_1fr_1fr_1fr] gap-2 text-sm">
        <Figure name="GPU memory">
          <Vram asset={asset} />
        </Figure>
        <Figure name="RAM">
          <Ram asset={asset} />
        </Figure>
        <Figure name="CPU">
          <Cpu asset={asset} />
        </Figure>
        <Figure name="Up">
          <Uptime asset={asset} />
        </Figure>
      </dl>
      {open && (
        <div id={detailsId(asset.id)} className="mt-3 border-t pt-3">
          <AssetDetails asset={asset} neededBy={neededBy} />
        </div>
      )}
    </li>
  );
});

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-xs text-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
