"use client";

import type { Asset, Gpu } from "@mixdesk/client";
import { useJobs } from "@mixdesk/client/react";
import Link from "next/link";
import { mebibytes, UNKNOWN } from "@/lib/format";
import { Panel } from "@/ui/panel";
import { type Card, cardsOf, type Piece, sum, sumOf } from "./vram";
import type { JobOnCard } from "./vram-jobs";

const LOOKS: Record<Piece["kind"], string> = {
  used: "bg-accent text-on-accent",
  promised: "bg-card text-ink border-accent border border-dashed",
  leaked: "bg-bad text-on-bad",
  job: "bg-good text-paper",
  others: "bg-soft text-paper",
  driver: "bg-line text-soft",
  free: "bg-raised text-soft",
};

/** Each GPU as a bar to scale: who holds what, what is promised, what was left behind, what is free. */
export function GpuPanel({ gpus, assets }: { gpus: readonly Gpu[]; assets: Iterable<Asset> }) {
  return <Bars gpus={gpus} assets={[...assets]} />;
}

// apart: it renders anew with the jobs, and what is iterated above may give its assets but once
function Bars({ gpus, assets }: { gpus: readonly Gpu[]; assets: readonly Asset[] }) {
  const jobs = useJobs().data;
  const cards = cardsOf(gpus, assets, jobs.values());
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
  const held = sumOf(card, "used") + sumOf(card, "leaked") + sumOf(card, "job") + sumOf(card, "others");
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
            key={keyOf(piece)}
            title={pieceWords(piece)}
            style={{ flex: `${piece.mb} 1 0` }}
            className={`min-w-0.5 overflow-hidden ${LOOKS[piece.kind]}`}
          >
            <span className="block truncate px-1.5 leading-7">
              {piece.kind === "promised" ? "" : nameOfPiece(piece)}
            </span>
          </div>
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
        {card.pieces.map((piece) => (
          <li key={keyOf(piece)} className={`leading-6 ${piece.kind === "leaked" ? "text-bad" : ""}`}>
            <PieceLine piece={piece} />
          </li>
        ))}
        {card.hidden.map((name) => (
          <li key={name} className="leading-6 text-soft">
            {name}: the driver does not say what it holds
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

/** The words of a piece; jobs lead to their pages. */
function PieceLine({ piece }: { piece: Piece }) {
  if (piece.kind === "job") {
    return (
      <>
        job <JobLinks jobs={piece.jobs ?? []} /> {mebibytes(piece.mb)}
      </>
    );
  }
  if (piece.jobs === undefined) return pieceWords(piece);
  return (
    <>
      {pieceWords(piece)}, <span className="text-soft">runs</span> <JobLinks jobs={piece.jobs} />
    </>
  );
}

function JobLinks({ jobs }: { jobs: readonly JobOnCard[] }) {
  return jobs.map(({ id, name }, place) => (
    <span key={id}>
      {place > 0 && ", "}
      <Link
        href={`/jobs/detail/?id=${encodeURIComponent(id)}`}
        prefetch={false}
        className="inline-block max-w-full truncate align-bottom underline hover:text-accent"
      >
        {name}
      </Link>
    </span>
  ));
}

function keyOf({ kind, asset, jobs }: Piece): string {
  return `${kind} ${asset ?? jobs?.[0]?.id}`;
}

function nameOfPiece({ kind, asset, jobs }: Piece): string {
  return asset ?? jobs?.[0]?.name ?? kind;
}

function pieceWords({ kind, asset, jobs, mb }: Piece): string {
  const size = mebibytes(mb);
  if (kind === "used") return `${asset} ${size}`;
  if (kind === "job") return `job ${jobs?.[0]?.name} ${size}`;
  if (kind === "promised") return `+ ${size} promised to ${asset}`;
  if (kind === "leaked") return `${size} left behind by ${asset}`;
  if (kind === "driver") return `${size} kept by the driver`;
  return kind === "others" ? `${size} others` : `${size} free`;
}

const KEY = [
  ["used", "held by an asset"],
  ["promised", "promised, not taken yet"],
  ["leaked", "left behind"],
  ["job", "held by a job"],
  ["others", "others"],
  ["driver", "kept by the driver"],
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
