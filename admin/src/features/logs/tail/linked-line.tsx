"use client";

import type { LogTail, LogTailView } from "@mixdesk/client";
import { useEffect, useState } from "react";
import { Button } from "@/ui/button";
import { When } from "@/ui/time";
import { FoundElsewhere } from "../search/found-elsewhere";
import { hashOf } from "../text/identity";
import type { TailAddress } from "./tail-view";

interface LinkedLineProps extends TailAddress {
  tail: LogTail;
  stands: LogTailView;
  select: (n: number, further: boolean) => void;
  show: (n: number) => void;
  onClose: (part: Partial<TailAddress>) => void;
}

/** Leads to the line that the address names: in the tail where it is there, else as a search finds it, else in words. */
export function LinkedLine({ line, text, seen, tail, stands, select, show, onClose }: LinkedLineProps) {
  const [led, setLed] = useState<{ line: string; found: boolean } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is looked for once, when what is there has come
  useEffect(() => {
    if (line === null || !stands.live || led?.line === line) return;
    const n = rowOf(tail, line);
    setLed({ line, found: n !== null });
    if (n === null) return;
    select(n, false);
    show(n);
  }, [line, tail, stands, led]);
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
      <FoundElsewhere service={tail.service} source={tail.name} line={line} text={text} />
      <Button kind="quiet" onClick={() => onClose({ line: null, text: "", seen: null })}>
        Close
      </Button>
    </div>
  );
}

function rowOf({ ring }: LogTail, line: string): number | null {
  for (let n = ring.end - 1; n >= ring.first; n -= 1) {
    const row = ring.get(n);
    if (row?.kind === "record" && hashOf(row.text) === line) return n;
  }
  return null;
}
