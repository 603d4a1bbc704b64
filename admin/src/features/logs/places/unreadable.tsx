import type { LogSource } from "@mixdesk/client";
import { Failed } from "@/ui/empty";

/** Why a log cannot be read, and what helps. */
export function Unreadable({ source }: { source: LogSource }) {
  return (
    <Failed title={`${source.id} cannot be read`}>
      <p className="wrap-anywhere">{source.reason}</p>
      <p className="mt-2 text-soft">
        Give the desk's user the right to read {source.path}, mount its folder where the desk can see it, or run the
        desk with what docs/logs.md names under "Which logs". The list looks again every few seconds.
      </p>
    </Failed>
  );
}
