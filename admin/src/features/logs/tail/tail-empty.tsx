"use client";

import type { LogTailView } from "@mixdesk/client";
import { Waiting } from "@/ui/empty";

/** Words where no line is. */
export function TailEmpty({ stands, filtered }: { stands: LogTailView; filtered: boolean }) {
  if (stands.end > stands.first || stands.partial !== null) return null;
  if (!stands.live) return <Waiting>Reading the last lines …</Waiting>;
  return (
    <p className="p-4 text-sm text-soft">
      {filtered
        ? "No line here is what the filter asks for. New ones come by themselves; older ones: search in all logs."
        : "Nothing is written here yet. The first line comes by itself."}
    </p>
  );
}
