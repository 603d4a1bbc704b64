"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQueryClient } from "@tanstack/react-query";
import { useKeyed } from "@/features/operations/use-keyed";
import { andThen } from "./and-then";
import type { Action } from "./possible";

export interface Wish {
  action: Action;
  /** Of a checkpoint: the run ends once it is saved. */
  andCancel?: boolean;
}

/** Asks something of a job: what an outage swallowed is not done twice when it is asked again. */
export function useAsk(id: string, onAccepted: () => void) {
  const desk = useDesk();
  const queries = useQueryClient();
  return useKeyed<Wish, unknown>(
    (wish, key) => {
      const params = { path: { job_id: id }, header: { "Idempotency-Key": key } };
      return unwrap(
        wish.action === "checkpoint"
          ? desk.rest.POST("/admin/jobs/{job_id}/checkpoint", {
              params,
              body: andThen(wish.andCancel ? "cancel" : "continue"),
            })
          : desk.rest.POST(`/admin/jobs/{job_id}/${wish.action}`, { params }),
      );
    },
    () => {
      void queries.invalidateQueries({ queryKey: ["operations", "of-job", id] });
      onAccepted();
    },
  );
}
