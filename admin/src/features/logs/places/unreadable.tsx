import type { LogSource } from "@mixdesk/client";
import { Code, Empty, Failed } from "@/ui/empty";

/** Why a log cannot be read, and what helps. */
export function Unreadable({ source }: { source: LogSource }) {
  if (source.service === "jobs") {
    return (
      <Empty title="This job keeps no log">
        <p className="wrap-anywhere">{source.reason}</p>
        <p>What a trainer prints is kept where it asks for it:</p>
        <Code>{"with mixdesk.job(..., capture_output=True) as job:"}</Code>
      </Empty>
    );
  }
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
