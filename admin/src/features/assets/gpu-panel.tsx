"use client";

import type { Asset, Gpu } from "@mixdesk/client";
import { mebibytes, UNKNOWN } from "@/lib/format";
import { Panel } from "@/ui/panel";
import { type Card, cardsOf, type Piece, sum, sumOf } from "./vram";

const LOOKS: Record<Piece["kind"], string> = {
  used: "bg-accent text-on-accent",
  promised: "bg-card text-ink border-accent border border-dashed",
  leaked: "bg-bad text-on-bad",
  others: "bg-soft text-paper",
  free: "bg-raised text-soft",
};

/** Each GPU as a bar to scale: who holds what, what is promised, what was left behind, what is free. */
export function GpuPanel({ gpus, assets }: { gpus: readonly Gpu[]; assets: Iterable<Asset> }) {
  const cards = cardsOf(gpus, assets);
  if (cards.length === 0) return null;
  return (
    <Panel title="GPU memory" aside={<Key />}>
      <div className={cards.length > 1 ? "grid gap-4 lg:grid-cols-2" : ""}>
        {cards.map((card) => (
          <GpuBar key={card.uuid} card={card} />
        ))}
      </div>
    </Panel>
  );
}

/** One GPU. */
export function GpuBar({ card }: { card: Card }) {
  const held = sumOf(card, "used") + sumOf(card, "leaked") + sumOf(card, "others");
  return (
    <section aria-label={nameOf(card)} className="min-w-0">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
        <h3 className="font-medium" title={card.uuid}>
          {nameOf(card)}
        </h3>
        <p className="text-soft">
          {mebibytes(held)} of {mebibytes(card.totalMb)} held
        </p>
      </div>
      <div aria-hidden="true" className="mt-1.5 flex h-7 gap-0.5 overflow-hidden rounded-lg bg-raised text-xs">
        {wideEnough(card.pieces).map((piece) => (
          <div
            key={`${piece.kind} ${piece.asset}`}
            title={pieceWords(piece)}
            style={{ flex: `${piece.mb} 1 0` }}
            className={`min-w-0.5 overflow-hidden ${LOOKS[piece.kind]}`}
          >
            <span className="block truncate px-1.5 leading-7">
              {piece.kind === "promised" ? "" : (piece.asset ?? piece.kind)}
            </span>
          </div>
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
        {card.pieces.map((piece) => (
          <li key={`${piece.kind} ${piece.asset}`} className={piece.kind === "leaked" ? "text-bad" : ""}>
            {pieceWords(piece)}
          </li>
        ))}
        {card.hidden.map((asset) => (
          <li key={asset} className="text-soft">
            {asset}: the driver does not say what it holds
          </li>
        ))}
      </ul>
    </section>
  );
}

const LEAST_SHARE = 0.004;

/** Slivers say nothing in a bar; the list below has them all. */
function wideEnough(pieces: readonly Piece[]): Piece[] {
  const all = sum(pieces);
  return pieces.filter(({ mb }) => mb >= all * LEAST_SHARE);
}

function nameOf(card: Card): string {
  return `GPU ${card.index ?? UNKNOWN}${card.name === null ? "" : ` · ${card.name}`}`;
}

function pieceWords({ kind, asset, mb }: Piece): string {
  const size = mebibytes(mb);
  if (kind === "used") return `${asset} ${size}`;
  if (kind === "promised") return `+ ${size} promised to ${asset}`;
  if (kind === "leaked") return `${size} left behind by ${asset}`;
  return kind === "others" ? `${size} others, no assets` : `${size} free`;
}

const KEY = [
  ["used", "held by an asset"],
  ["promised", "promised, not taken yet"],
  ["leaked", "left behind"],
  ["others", "others"],
  ["free", "free"],
] as const;

function Key() {
  return (
    <ul aria-hidden="true" className="flex flex-wrap gap-x-3 gap-y-1 text-xs">
      {KEY.map(([kind, words]) => (
        <li key={kind} className="inline-flex items-center gap-1">
          <span className={`inline-block size-2.5 rounded-sm ${LOOKS[kind]}`} />
          {words}
        </li>
      ))}
    </ul>
  );
}
