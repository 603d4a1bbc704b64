"use client";

import type { Asset, Operation } from "@mixdesk/client";
import { memo } from "react";
import { Table, Td, Th, Tr } from "@/ui/table";
import type { Ask } from "./action-dialog";
import { AssetActions } from "./asset-actions";
import { AssetDetails } from "./asset-details";
import { AssetStatus, Cpu, InUse, Ram, Uptime, Vram } from "./asset-facts";
import { targetWords } from "./words";

export interface AssetListProps {
  assets: readonly Asset[];
  neededBy: ReadonlyMap<string, readonly string[]>;
  /** The operation on its way that has to do with an asset. */
  operations: ReadonlyMap<string, Operation>;
  /** The one whose details are shown. */
  open: string | null;
  onOpen: (asset: string | null) => void;
  /** Left out for who may not act. */
  onAsk: ((ask: Ask) => void) | undefined;
}

export interface AssetItemProps extends Pick<AssetListProps, "onOpen" | "onAsk"> {
  asset: Asset;
  neededBy: readonly string[];
  operation: Operation | undefined;
  open: boolean;
}

export const NOBODY: readonly string[] = [];
const COLUMNS = 7;

/** Assets as a table; a name opens all that is known of it. */
export function AssetTable({ assets, neededBy, operations, open, onOpen, onAsk }: AssetListProps) {
  return (
    <Table label="Assets">
      <thead>
        <tr>
          <Th>Asset</Th>
          <Th>Status</Th>
          <Th className="text-right">GPU memory</Th>
          <Th className="text-right">RAM</Th>
          <Th className="text-right" title="of one core">
            CPU
          </Th>
          <Th className="text-right">Up</Th>
          <Th>Needed by</Th>
          {onAsk && <Th hidden>Actions</Th>}
        </tr>
      </thead>
      <tbody>
        {assets.map((asset) => (
          <AssetRow
            key={asset.id}
            asset={asset}
            neededBy={neededBy.get(asset.id) ?? NOBODY}
            operation={operations.get(asset.id)}
            open={open === asset.id}
            onOpen={onOpen}
            onAsk={onAsk}
          />
        ))}
      </tbody>
    </Table>
  );
}

/** One asset of a list. Drawn anew only when something of it changes. */
const AssetRow = memo(function AssetRow({ asset, neededBy, operation, open, onOpen, onAsk }: AssetItemProps) {
  return (
    <>
      <Tr className={open ? "bg-raised/50" : ""}>
        <Td className="min-w-44">
          <AssetName asset={asset} open={open} onOpen={onOpen} />
        </Td>
        <Td className="max-w-72 min-w-36">
          <AssetStatus asset={asset} operation={operation} />
        </Td>
        <Td className="text-right whitespace-nowrap">
          <Vram asset={asset} />
        </Td>
        <Td className="text-right whitespace-nowrap">
          <Ram asset={asset} />
        </Td>
        <Td className="text-right whitespace-nowrap">
          <Cpu asset={asset} />
        </Td>
        <Td className="text-right whitespace-nowrap">
          <Uptime asset={asset} />
        </Td>
        <Td className="max-w-40 text-soft">{neededBy.join(", ")}</Td>
        {onAsk && (
          <Td>
            <AssetActions asset={asset} onAsk={onAsk} />
          </Td>
        )}
      </Tr>
      {open && (
        <tr>
          <td id={detailsId(asset.id)} colSpan={COLUMNS + (onAsk ? 1 : 0)} className="bg-raised/50 px-3 pt-1 pb-4">
            <AssetDetails asset={asset} neededBy={neededBy} />
          </td>
        </tr>
      )}
    </>
  );
});

export function detailsId(asset: string): string {
  return `details-${asset}`;
}

/** The name as a button that opens and closes the details, what it is, and who uses it. */
export function AssetName({ asset, open, onOpen }: Pick<AssetItemProps, "asset" | "open" | "onOpen">) {
  return (
    <div className="min-w-0">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? detailsId(asset.id) : undefined}
        onClick={() => onOpen(open ? null : asset.id)}
        className="rounded text-left font-medium hover:text-accent"
      >
        <span aria-hidden="true" className="mr-1.5 inline-block text-soft">
          {open ? "▾" : "▸"}
        </span>
        {asset.name}
      </button>
      <p className="text-xs text-soft" title={targetWords(asset)}>
        {asset.name === asset.id ? "" : `${asset.id} · `}
        {asset.type} · {asset.driver}
      </p>
      <p className="mt-1 flex flex-wrap gap-1">
        <InUse asset={asset} />
      </p>
    </div>
  );
}
