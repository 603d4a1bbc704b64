"use client";

import type { Operation } from "@mixdesk/client";
import { useNow } from "@mixdesk/client/react";
import { useEffect, useRef, useState } from "react";
import { isOpen } from "@/features/operations/course";
import { OperationCard } from "@/features/operations/operation-card";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { useSay } from "@/ui/toast";
import { endWords, underWay } from "./under-way";

const LOOK_MS = 15_000;

/** What is being done with assets just now, whoever asked for it, and how the last ones ended. */
export function UnderWayPanel({ operations }: { operations: ReadonlyMap<string, Operation> }) {
  const now = useNow(LOOK_MS);
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  useTellEnds(operations);
  const shown = underWay(operations.values(), away, now);
  if (shown.length === 0) return null;
  return (
    <Panel title={shown.some(isOpen) ? "Under way" : "Just done"}>
      <div className="space-y-3">
        {shown.map((one) => (
          <OperationCard key={one.id} operation={one}>
            {!isOpen(one) && (
              <Button
                kind="quiet"
                aria-label={`Put away: ${one.action} ${one.target}`}
                onClick={() => setAway((known) => new Set([...known, one.id]))}
              >
                Put away
              </Button>
            )}
          </OperationCard>
        ))}
      </div>
    </Panel>
  );
}

/** Says once how each operation ended that was seen on its way. */
function useTellEnds(operations: ReadonlyMap<string, Operation>): void {
  const say = useSay();
  const open = useRef(new Set<string>());
  useEffect(() => {
    for (const one of operations.values()) {
      if (one.kind !== "asset") continue;
      if (isOpen(one)) open.current.add(one.id);
      else if (open.current.delete(one.id)) say(endWords(one), one.state === "failed" ? "bad" : "good");
    }
  }, [operations, say]);
}
