import type { StreamState } from "@mixdesk/client";

/** Says that what is shown is not kept up to date; nothing while it is. */
export function StaleNote({ state }: { state: StreamState }) {
  if (state.phase === "live") return null;
  const words =
    state.phase === "ended"
      ? `No longer kept up to date: ${state.reason ?? "the desk has ended it"}`
      : "Stale: the desk does not answer, it is tried again by itself";
  return (
    <p role="status" className="mb-2 text-sm font-medium text-warn">
      <span aria-hidden="true">◌ </span>
      {words}
    </p>
  );
}
