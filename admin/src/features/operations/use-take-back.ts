"use client";

import { type Operation, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { useSay } from "@/ui/toast";

/** Takes an operation back that has not ended. What the desk refuses is said in its own words. */
export function useTakeBack() {
  const desk = useDesk();
  const say = useSay();
  return useMutation({
    mutationFn: (operation: Operation) =>
      unwrap(
        desk.rest.POST("/admin/operations/{operation_id}/cancel", {
          params: { path: { operation_id: operation.id } },
        }),
      ),
    onSuccess: (operation) => say(`${operation.action} ${operation.target}: taken back`),
    onError: (problem) => say(problem.message, "bad"),
  });
}
