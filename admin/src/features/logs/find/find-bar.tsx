"use client";

import { ChevronDown, ChevronUp } from "lucide-react";
import type { KeyboardEvent, RefObject } from "react";
import { Button } from "@/ui/button";
import { FIELD } from "../controls";
import { useTyped } from "../use-typed";
import type { Find } from "./use-find";

const TYPED_MS = 150;

interface FindBarProps {
  field: RefObject<HTMLInputElement | null>;
  needle: string;
  onNeedle: (needle: string) => void;
  find: Find;
  onStep: (by: 1 | -1) => void;
}

/** Highlights a text among all lines, and walks through its places. */
export function FindBar({ field, needle, onNeedle, find, onStep }: FindBarProps) {
  const [typed, setTyped] = useTyped(needle, onNeedle, TYPED_MS);
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") onStep(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") setTyped("");
  };
  return (
    <search aria-label="Find in the lines shown" className="flex min-w-0 items-center gap-1">
      <input
        ref={field}
        type="text"
        aria-label="Find and highlight in the lines shown"
        placeholder="Find in these lines"
        title="Enter or n: the next, Shift+Enter or N: the one before"
        value={typed}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKey}
        className={`${FIELD} w-52`}
      />
      {needle !== "" && (
        <>
          <span className="px-1 text-xs whitespace-nowrap text-soft">
            {find.found.length === 0 ? "not there" : `${find.place || "–"} of ${find.found.length}`}
          </span>
          <Button kind="quiet" aria-label="The one before" className="px-1.5" onClick={() => onStep(-1)}>
            <ChevronUp aria-hidden="true" size={16} />
          </Button>
          <Button kind="quiet" aria-label="The next" className="px-1.5" onClick={() => onStep(1)}>
            <ChevronDown aria-hidden="true" size={16} />
          </Button>
        </>
      )}
    </search>
  );
}
