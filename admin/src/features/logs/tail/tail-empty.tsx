"use client";

import { Waiting } from "@/ui/empty";
import type { Tail } from "./tail";

/** Words where no line is. */
export function TailEmpty({ tail, filtered }: { tail: Tail; filtered: boolean }) {
  if (tail.ring.length > 0 || tail.partial !== null) return null;
  if (!tail.live) return <Waiting>Reading the last lines …</Waiting>;
  return (
    <p className="p-4 text-sm text-soft">
      {filtered
        ? "No line here is what the filter asks for. New ones come by themselves; older ones: search in all logs."
        : "Nothing is written here yet. The first line comes by itself."}
    </p>
  );
}
