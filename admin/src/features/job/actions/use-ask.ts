"use client";

import { type DeskProblem, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { andThen } from "./and-then";
import type { Action } from "./possible";

export interface Wish {
  action: Action;
  /** Of a checkpoint: the run ends once it is saved. */
  andCancel?: boolean;
}

const KEY_BYTES = 16;

/**
 * Asks something of a job. As long as it has not been answered, asking again is the same request: its key is new only
 * after an answer, so that what an outage swallowed is not done twice.
 */
export function useAsk(id: string, onAccepted: () => void) {
  const desk = useDesk();
  const queries = useQueryClient();
  const keys = useRef(new Map<string, string>());
  return useMutation<unknown, DeskProblem, Wish>({
    mutationFn: (wish) => {
      const name = JSON.stringify(wish);
      const key = keys.current.get(name) ?? newKey();
      keys.current.set(name, key);
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
    onSettled: (_, problem, wish) => {
      if (!problem?.unreachable) keys.current.delete(JSON.stringify(wish));
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["operations", "of-job", id] });
      onAccepted();
    },
  });
}

/** Random, also over plain http, where browsers have no randomUUID. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
