"use client";

import type { Asset, Operation } from "@mixdesk/client";
import { Fragment } from "react";
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
          <Fragment key={asset.id}>
            <Tr className={open === asset.id ? "bg-raised/50" : ""}>
              <Td className="min-w-44">
                <AssetName asset={asset} open={open} onOpen={onOpen} />
              </Td>
              <Td className="max-w-72 min-w-36">
                <AssetStatus asset={asset} operation={operations.get(asset.id)} />
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
              <Td className="max-w-40 text-soft">{neededBy.get(asset.id)?.join(", ") ?? ""}</Td>
              {onAsk && (
                <Td>
                  <AssetActions asset={asset} onAsk={onAsk} />
                </Td>
              )}
            </Tr>
            {open === asset.id && (
              <tr>
                <td
                  id={detailsId(asset.id)}
                  colSpan={COLUMNS + (onAsk ? 1 : 0)}
                  className="bg-raised/50 px-3 pt-1 pb-4"
                >
                  <AssetDetails asset={asset} neededBy={neededBy.get(asset.id) ?? []} />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </Table>
  );
}

function detailsId(asset: string): string {
  return `details-${asset}`;
}

/** The name as a button that opens and closes the details, what it is, and who uses it. */
export function AssetName({ asset, open, onOpen }: Pick<AssetListProps, "open" | "onOpen"> & { asset: Asset }) {
  const shown = open === asset.id;
  return (
    <div className="min-w-0">
      <button
        type="button"
        aria-expanded={shown}
        aria-controls={shown ? detailsId(asset.id) : undefined}
        onClick={() => onOpen(shown ? null : asset.id)}
        className="rounded text-left font-medium hover:text-accent"
      >
        <span aria-hidden="true" className="mr-1.5 inline-block text-soft">
          {shown ? "▾" : "▸"}
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
