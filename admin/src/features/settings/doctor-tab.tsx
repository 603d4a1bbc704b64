"use client";

import { type Finding, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Failed, Waiting } from "@/ui/empty";
import { Panel } from "@/ui/panel";
import { inOrder, summary, VERDICTS } from "./findings";

/** What `mixdesk doctor` finds: what works, what is missing, what to do. */
export function DoctorTab() {
  const { rest } = useDesk();
  const asked = useQuery({
    queryKey: ["doctor"],
    queryFn: () => unwrap(rest.GET("/admin/doctor")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const again = (
    <Button onClick={() => void asked.refetch()} disabled={asked.isFetching}>
      {asked.isFetching ? "Looking … (5 s at most)" : "Look again"}
    </Button>
  );
  return (
    <Panel title="Health check" aside={asked.data || asked.error ? again : undefined}>
      {asked.error && <Failed title="The check did not run">{asked.error.message}</Failed>}
      {!asked.data && !asked.error && <Waiting>The desk looks at itself: up to 5 seconds …</Waiting>}
      {asked.data && (
        <>
          <p role="status" className="mb-3 text-sm font-medium">
            {summary(asked.data.items)}
          </p>
          <ul className={cn("divide-y text-sm", asked.isFetching && "opacity-70")}>
            {inOrder(asked.data.items).map((finding) => (
              <Found key={finding.check} finding={finding} />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Found({ finding }: { finding: Finding }) {
  const { sign, word, colour } = VERDICTS[finding.verdict];
  return (
    <li className="grid gap-x-4 gap-y-1 py-2.5 sm:grid-cols-[7rem_9rem_1fr]">
      <span className={cn("font-medium", colour)}>
        <span aria-hidden="true">{sign} </span>
        {word}
      </span>
      <span className="font-medium">{finding.check}</span>
      <div className="min-w-0 wrap-anywhere">
        <p>{finding.found}</p>
        {finding.todo && <p className="text-soft">→ {finding.todo}</p>}
      </div>
    </li>
  );
}
