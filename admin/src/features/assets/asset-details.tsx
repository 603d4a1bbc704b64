"use client";

import type { Asset } from "@mixdesk/client";
import { useJobs } from "@mixdesk/client/react";
import Link from "next/link";
import type { ReactNode } from "react";
import { mebibytes, UNKNOWN } from "@/lib/format";
import { When } from "@/ui/time";
import { Holds } from "./holds";
import { endWords, listed, targetWords } from "./words";

interface AssetDetailsProps {
  asset: Asset;
  /** Who needs it. */
  neededBy: readonly string[];
}

/** All that is known of one asset. */
export function AssetDetails({ asset, neededBy }: AssetDetailsProps) {
  const { usage } = asset;
  return (
    <div className="grid gap-x-8 gap-y-4 text-sm lg:grid-cols-3">
      <dl className="grid grid-cols-[auto_1fr] content-start gap-x-4 gap-y-1">
        <Fact name="Is">{targetWords(asset)}</Fact>
        <Fact name="Asked last">{asset.desired ?? "nothing yet"}</Fact>
        <Fact name="Needs">{listed(asset.dependencies) || "nobody"}</Fact>
        <Fact name="Needed by">{listed(neededBy) || "nobody"}</Fact>
        <Fact name="Started">
          <When at={usage.started_at} />
        </Fact>
        <Fact name="Last run">{endWords(usage) ?? (usage.exit_code === 0 ? "ended well" : UNKNOWN)}</Fact>
        {asset.detach && <Fact name="Detached">goes on when the desk is stopped</Fact>}
      </dl>
      <div className="space-y-3">
        <GpuMemory asset={asset} />
        <JobsIn asset={asset} />
      </div>
      <div className="space-y-3">
        <Holds asset={asset} />
        <p className="flex flex-wrap gap-x-4">
          <Link
            href={`/assets/?view=operations&of=${encodeURIComponent(asset.id)}`}
            prefetch={false}
            className="underline underline-offset-2"
          >
            What was asked of it
          </Link>
          <Link
            href={`/logs/?service=${encodeURIComponent(asset.id)}`}
            prefetch={false}
            className="underline underline-offset-2"
          >
            Its logs
          </Link>
        </p>
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

function GpuMemory({ asset }: { asset: Asset }) {
  return (
    <section aria-label={`GPU memory of ${asset.name}`}>
      <h4 className="text-xs font-medium text-soft">GPU memory</h4>
      <p className="mt-1">
        {`needs ${mebibytes(asset.vram_declared_mb)} by the registry; most ever seen ${mebibytes(asset.vram_peak_mb)}`}
      </p>
      <ul>
        {asset.usage.vram.map((card) => (
          <li key={card.uuid} title={card.uuid}>
            {`GPU ${card.gpu ?? UNKNOWN}: ${mebibytes(card.used_mb)} used, ${mebibytes(card.reserved_mb)} promised`}
            {card.leaked_mb > 0 && <span className="text-bad">{`, ${mebibytes(card.leaked_mb)} left behind`}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function JobsIn({ asset }: { asset: Asset }) {
  const known = useJobs();
  if (asset.usage.jobs.length === 0) return null;
  return (
    <section aria-label={`Jobs in ${asset.name}`}>
      <h4 className="text-xs font-medium text-soft">Jobs in it</h4>
      <ul className="mt-1">
        {asset.usage.jobs.map((job) => (
          <li key={job}>
            <Link
              href={`/jobs/detail/?id=${encodeURIComponent(job)}`}
              prefetch={false}
              className="underline underline-offset-2"
            >
              {known.data.get(job)?.name || job}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
