import { Badge } from "@/ui/badge";
import { severityOf } from "./alert-words";

/** The word of a severity with its sign. */
export function Severity({ of }: { of: string | null }) {
  const [sign, tone] = severityOf(of);
  return (
    <Badge tone={tone}>
      <span aria-hidden="true">{sign}</span>
      {of ?? "no severity"}
    </Badge>
  );
}
