"use client";

import type { Asset } from "@mixdesk/client";
import { Empty } from "@/ui/empty";
import { Status } from "@/ui/status";
import { DependencyDrawing } from "./dependency-drawing";
import { layers, neededBy } from "./graph";
import { listed } from "./words";

interface DependencyViewProps {
  assets: readonly Asset[];
  onOpen: (asset: string) => void;
}

/** Who needs whom: a drawing, and the same as a list for everybody who reads rather than looks. */
export function DependencyView({ assets, onOpen }: DependencyViewProps) {
  const { layers: found, alone } = layers(assets);
  if (found.length === 0) {
    return (
      <Empty title="No asset needs another one">
        Where one does, say it in its table of mixdesk.toml: <code>dependencies = ["hubert"]</code>. Then the desk
        starts them in order, and stops nobody under another one.
      </Empty>
    );
  }
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  return (
    <div className="space-y-4">
      <DependencyDrawing assets={assets} />
      <List ids={found.flat()} byId={byId} onOpen={onOpen} />
      {alone.length > 0 && <p className="text-sm text-soft">{`By themselves: ${listed(alone)}.`}</p>}
    </div>
  );
}

interface ListProps {
  ids: readonly string[];
  byId: ReadonlyMap<string, Asset>;
  onOpen: (asset: string) => void;
}

function List({ ids, byId, onOpen }: ListProps) {
  const needed = neededBy(byId.values());
  return (
    <ul aria-label="Who needs whom" className="divide-y rounded-xl border bg-card text-sm">
      {ids.flatMap((id) => {
        const asset = byId.get(id);
        if (asset === undefined) return [];
        return [
          <li key={id} className="flex flex-wrap items-baseline gap-x-3 px-3 py-2">
            <button type="button" onClick={() => onOpen(id)} className="rounded font-medium hover:text-accent">
              {asset.name}
            </button>
            <Status of={asset.status} />
            <span className="text-soft">
              {asset.dependencies.length === 0 ? "needs nobody" : `needs ${listed(asset.dependencies)}`}
              {needed.has(id) && `; needed by ${listed(needed.get(id) ?? [])}`}
            </span>
          </li>,
        ];
      })}
    </ul>
  );
}
