import Link from "next/link";
import { type Card, type Piece, sum, sumOf } from "@/features/assets/vram";
import { mebibytes, UNKNOWN } from "@/lib/format";

// Each kind has a sign beside its colour; neighbours of one kind differ by their strength.
const LOOKS: Record<Piece["kind"], { fill: string; text: string; sign: string }> = {
  used: { fill: "fill-accent", text: "text-accent", sign: "■" },
  job: { fill: "fill-good", text: "text-good", sign: "▶" },
  leaked: { fill: "fill-bad", text: "text-bad", sign: "!" },
  others: { fill: "fill-soft", text: "text-soft", sign: "◆" },
  promised: { fill: "fill-warn", text: "text-warn", sign: "◌" },
  driver: { fill: "fill-line", text: "text-soft", sign: "▫" },
  free: { fill: "fill-raised", text: "text-soft", sign: "□" },
};
const STRENGTHS = ["opacity-100", "opacity-70"] as const;
const WIDTH = 1000;
const GAP = 3;

type Names = ReadonlyMap<string, string>;

/** The memory of one GPU as a bar, and who holds it as a list. `names` are those of the assets, by id. */
export function GpuMemoryBar({ card, names }: { card: Card; names: Names }) {
  const words = card.pieces.map((piece) => `${wordsOf(piece, names)} ${mebibytes(piece.mb)}`).join(", ");
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="min-w-0 font-medium">
          GPU {card.index ?? UNKNOWN} <span className="font-normal text-soft">{card.name}</span>
        </span>
        <span className="text-soft">
          <span className="font-medium text-ink">{mebibytes(heldOf(card))}</span> of {mebibytes(card.totalMb)}
        </span>
      </div>
      <svg
        role="img"
        aria-label={`Memory of GPU ${card.index ?? UNKNOWN}: ${words || "not known"}`}
        viewBox={`0 0 ${WIDTH} 1`}
        preserveAspectRatio="none"
        className="block h-4 w-full overflow-hidden rounded bg-raised"
      >
        <Parts pieces={card.pieces} names={names} />
      </svg>
      <ul className="mt-2 text-sm leading-6">
        {card.pieces.map((piece) => (
          <PieceLine key={keyOf(piece)} piece={piece} names={names} />
        ))}
        {card.hidden.map((name) => (
          <li key={name} className="text-soft">
            {names.get(name) ?? name}: the driver does not say what it holds
          </li>
        ))}
      </ul>
    </div>
  );
}

function heldOf(card: Card): number {
  return sum(card.pieces) - sumOf(card, "promised") - sumOf(card, "driver") - sumOf(card, "free");
}

function keyOf({ kind, asset, jobs }: Piece): string {
  return `${kind} ${asset ?? jobs?.[0]?.id}`;
}

function wordsOf({ kind, asset, jobs }: Piece, names: Names): string {
  const name = asset === null ? "" : (names.get(asset) ?? asset);
  const words: Record<Piece["kind"], string> = {
    used: name,
    job: jobs?.[0]?.name ?? "",
    leaked: `not come back from ${name}`,
    others: "other processes",
    promised: `promised to ${name}`,
    driver: "kept by the driver",
    free: "free",
  };
  return words[kind];
}

function Parts({ pieces, names }: { pieces: readonly Piece[]; names: Names }) {
  const all = sum(pieces);
  let from = 0;
  return pieces.map((piece, place) => {
    const width = (piece.mb / all) * WIDTH;
    const x = from;
    from += width;
    return (
      <rect
        key={keyOf(piece)}
        x={x}
        width={Math.max(1, width - GAP)}
        height="1"
        className={`${LOOKS[piece.kind].fill} ${STRENGTHS[place % STRENGTHS.length]}`}
      >
        <title>{`${wordsOf(piece, names)}: ${mebibytes(piece.mb)}`}</title>
      </rect>
    );
  });
}

function PieceLine({ piece, names }: { piece: Piece; names: Names }) {
  const { sign, text } = LOOKS[piece.kind];
  return (
    <li className="flex items-baseline gap-2">
      <span aria-hidden="true" className={`w-3 text-center text-xs ${text}`}>
        {sign}
      </span>
      <div className="min-w-0 flex-1">
        <PieceName piece={piece} names={names} />
        {piece.kind === "used" &&
          (piece.jobs ?? []).map((job) => (
            <div key={job.id} className="flex min-w-0 items-baseline gap-1.5 text-soft">
              runs <JobLink id={job.id} name={job.name} />
            </div>
          ))}
      </div>
      <span className="whitespace-nowrap text-soft">{mebibytes(piece.mb)}</span>
    </li>
  );
}

// a link is as high as its line: 24 px, to be hit by a finger
const LINK = "block max-w-full truncate text-ink hover:text-accent hover:underline";

function JobLink({ id, name }: { id: string; name: string }) {
  return (
    <Link href={`/jobs/detail/?id=${encodeURIComponent(id)}`} prefetch={false} className={LINK}>
      {name} <span className="text-soft">job</span>
    </Link>
  );
}

function PieceName({ piece, names }: { piece: Piece; names: Names }) {
  const [job] = piece.jobs ?? [];
  if (piece.kind === "job" && job !== undefined) return <JobLink id={job.id} name={job.name} />;
  if (piece.kind === "used" && piece.asset !== null) {
    return (
      <Link href={`/assets/?asset=${encodeURIComponent(piece.asset)}`} prefetch={false} className={LINK}>
        {wordsOf(piece, names)} <span className="text-soft">asset</span>
      </Link>
    );
  }
  return <span className="block truncate">{wordsOf(piece, names)}</span>;
}
