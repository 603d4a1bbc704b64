import Link from "next/link";
import { mebibytes } from "@/lib/format";
import type { GpuMemory, Holder, HolderKind } from "./gpu-memory";

// Each kind has a sign beside its colour; neighbours of one kind differ by their strength.
const LOOKS: Record<HolderKind, { fill: string; text: string; sign: string }> = {
  asset: { fill: "fill-accent", text: "text-accent", sign: "■" },
  job: { fill: "fill-good", text: "text-good", sign: "▶" },
  leaked: { fill: "fill-bad", text: "text-bad", sign: "!" },
  other: { fill: "fill-soft", text: "text-soft", sign: "◆" },
  promised: { fill: "fill-warn", text: "text-warn", sign: "◌" },
  free: { fill: "fill-raised", text: "text-soft", sign: "□" },
};
const STRENGTHS = ["opacity-100", "opacity-70"] as const;
const WIDTH = 1000;
const GAP = 3;

/** The memory of one GPU as a bar, and who holds it as a list. */
export function GpuMemoryBar({ card }: { card: GpuMemory }) {
  const all = card.holders.reduce((sum, holder) => sum + holder.mebibytes, 0);
  const words = card.holders.map((holder) => `${holder.name} ${mebibytes(holder.mebibytes)}`).join(", ");
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex flex-wrap justify-between gap-x-3 text-sm">
        <span className="min-w-0 font-medium">
          GPU {card.index} <span className="font-normal text-soft">{card.name}</span>
        </span>
        <span className="text-soft">
          <span className="font-medium text-ink">{mebibytes(card.used)}</span> of {mebibytes(card.total)}
        </span>
      </div>
      <svg
        role="img"
        aria-label={`Memory of GPU ${card.index}: ${words || "not known"}`}
        viewBox={`0 0 ${WIDTH} 1`}
        preserveAspectRatio="none"
        className="block h-4 w-full overflow-hidden rounded bg-raised"
      >
        <Parts holders={card.holders} all={all} />
      </svg>
      <HolderList holders={card.holders} />
    </div>
  );
}

export function HolderList({ holders }: { holders: readonly Holder[] }) {
  return (
    <ul className="mt-2 space-y-0.5 text-sm">
      {holders.map((holder) => (
        <HolderLine key={`${holder.kind} ${holder.id}`} holder={holder} />
      ))}
    </ul>
  );
}

function Parts({ holders, all }: { holders: readonly Holder[]; all: number }) {
  let from = 0;
  return holders.map((holder, place) => {
    const width = (holder.mebibytes / all) * WIDTH;
    const x = from;
    from += width;
    return (
      <rect
        key={`${holder.kind} ${holder.id}`}
        x={x}
        width={Math.max(1, width - GAP)}
        height="1"
        className={`${LOOKS[holder.kind].fill} ${STRENGTHS[place % STRENGTHS.length]}`}
      >
        <title>{`${holder.name}: ${mebibytes(holder.mebibytes)}`}</title>
      </rect>
    );
  });
}

function HolderLine({ holder }: { holder: Holder }) {
  const { sign, text } = LOOKS[holder.kind];
  return (
    <li className="flex items-baseline gap-2">
      <span aria-hidden="true" className={`w-3 text-center text-xs ${text}`}>
        {sign}
      </span>
      <span className="min-w-0 flex-1 truncate">
        <HolderName holder={holder} />
      </span>
      <span className="whitespace-nowrap text-soft">{mebibytes(holder.mebibytes)}</span>
    </li>
  );
}

function HolderName({ holder }: { holder: Holder }) {
  const id = encodeURIComponent(holder.id);
  const look = "hover:text-accent hover:underline";
  if (holder.kind === "job") {
    return (
      <Link href={`/jobs/detail/?id=${id}`} prefetch={false} className={look}>
        {holder.name} <span className="text-soft">job</span>
      </Link>
    );
  }
  if (holder.kind === "asset") {
    return (
      <Link href="/assets/" prefetch={false} className={look}>
        {holder.name} <span className="text-soft">asset</span>
      </Link>
    );
  }
  return holder.name;
}
