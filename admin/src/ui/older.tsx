"use client";

import { Button } from "./button";

interface OlderProps {
  /** How many are shown. */
  shown: number;
  /** What they are, of many: `jobs`. */
  noun: string;
  /** Whether there are more. */
  more: boolean;
  busy?: boolean;
  onMore: () => void;
}

/** The end of a list that goes on: how many are shown, and a button for older ones. */
export function Older({ shown, noun, more, busy = false, onMore }: OlderProps) {
  return (
    <div className="mt-3 flex flex-wrap items-center justify-between gap-2 text-sm text-soft">
      <p>
        {shown} {shown === 1 ? noun.slice(0, -1) : noun} shown{more ? "" : ", that is all"}
      </p>
      {more && (
        <Button onClick={onMore} disabled={busy}>
          {busy ? `Asking for older ${noun} …` : `Older ${noun}`}
        </Button>
      )}
    </div>
  );
}
