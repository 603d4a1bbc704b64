"use client";

import Link from "next/link";
import { useState } from "react";
import { cn } from "@/lib/cn";
import { exact, When } from "@/ui/time";
import { logsHref } from "../address";
import { lookOf } from "../levels";
import { hashOf, snippetOf } from "../text/identity";
import { LineText } from "../text/line-text";
import { shapeOf } from "../text/shape";
import type { Hit } from "./ndjson";

interface HitViewProps {
  hit: Hit;
  needle: string;
  /** With a way to its place in the tail. */
  open?: boolean;
}

/** One hit: where and when, and the record. */
export function HitView({ hit, needle, open = true }: HitViewProps) {
  const [unfolded, setUnfolded] = useState(false);
  const shape = shapeOf(hit.text);
  const look = lookOf(hit.level);
  const name = `${hit.service}/${hit.source}`;
  const place = { service: hit.service, source: hit.source, line: hashOf(hit.text), text: snippetOf(hit.text) };
  return (
    <div className={cn("min-w-0 border-l-2 py-1 pr-2 pl-3", look.edge)}>
      <p className="flex flex-wrap items-baseline gap-x-3 text-xs text-soft">
        {open ? (
          <Link
            href={logsHref({ ...place, seen: hit.time })}
            prefetch={false}
            title="Open its place in the log"
            className="font-medium text-accent underline-offset-2 hover:underline"
          >
            {name}
          </Link>
        ) : (
          <span className="font-medium">{name}</span>
        )}
        {hit.time === null ? <span>time not known</span> : <span>{exact(hit.time)}</span>}
        {hit.time !== null && <When at={hit.time} />}
        {look.word !== "" && <span className={look.text}>{look.word}</span>}
        {hit.file !== null && <span className="wrap-anywhere">{hit.file}</span>}
      </p>
      <div className="flex min-w-0 items-start gap-2 font-mono text-xs leading-5">
        {shape.kind !== "line" && (
          <button
            type="button"
            aria-expanded={unfolded}
            aria-label={unfolded ? "Fold the record" : "Unfold the record"}
            onClick={() => setUnfolded(!unfolded)}
            className="mt-0.5 shrink-0 rounded border px-1 leading-4 text-soft hover:text-ink"
          >
            {unfolded ? "−" : shape.kind === "block" ? `+${shape.lines.length - 1}` : "…"}
          </button>
        )}
        <div className="min-w-0 wrap-anywhere whitespace-pre-wrap">
          <LineText text={unfolded ? shape.lines.join("\n") : shape.head} needle={needle} />
          {!unfolded && shape.tail && <span className="text-soft">{`  …  ${shape.tail}`}</span>}
        </div>
      </div>
    </div>
  );
}
