"use client";

import { useEffect, useState } from "react";
import { Button } from "@/ui/button";
import { When } from "@/ui/time";
import { FoundElsewhere } from "../search/found-elsewhere";
import { hashOf } from "../text/identity";
import type { Tail } from "./tail";
import type { TailAddress } from "./tail-view";

interface LinkedLineProps extends TailAddress {
  tail: Tail;
  version: number;
  select: (no: number, further: boolean) => void;
  show: (no: number) => void;
  onClose: (part: Partial<TailAddress>) => void;
}

/** Leads to the line that the address names: in the tail where it is there, else as a search finds it, else in words. */
export function LinkedLine({ line, text, seen, tail, version, select, show, onClose }: LinkedLineProps) {
  const [led, setLed] = useState<{ line: string; found: boolean } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is looked for once, when what is there has come
  useEffect(() => {
    if (line === null || !tail.live || led?.line === line) return;
    const no = rowOf(tail, line);
    setLed({ line, found: no !== null });
    if (no === null) return;
    select(no, false);
    show(no);
  }, [line, tail, version, led]);
  if (line === null || led?.line !== line || led.found) return null;
  return (
    <div className="border-b bg-raised px-3 py-2 text-sm">
      <p>
        The line that this link leads to is not among the last ones
        {seen !== null && (
          <>
            {" "}
            (it was seen <When at={seen} />)
          </>
        )}
        .
      </p>
      <FoundElsewhere service={tail.wish.service} source={tail.wish.source} line={line} text={text} />
      <Button kind="quiet" onClick={() => onClose({ line: null, text: "", seen: null })}>
        Close
      </Button>
    </div>
  );
}

function rowOf({ ring }: Tail, line: string): number | null {
  for (let index = ring.length - 1; index >= 0; index -= 1) {
    const row = ring.at(index);
    if (row?.kind === "record" && hashOf(row.text) === line) return row.no;
  }
  return null;
}
