"use client";

import { type Plan, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

// whoever is no asset takes and frees memory too, and nobody tells of it
const AGAIN_MS = 5000;

interface Wish {
  asset: string;
  action: "start" | "stop";
  /** May stop others to make room. */
  evict?: boolean;
  /** While it is false, nothing is asked. */
  enabled?: boolean;
}

/** What the desk would do, asked anew whenever the board is another one. */
export function usePlan({ asset, action, evict = false, enabled = true }: Wish, board: string) {
  const desk = useDesk();
  return useQuery({
    queryKey: ["plan", action, asset, evict, board],
    queryFn: async (): Promise<Plan> => {
      const path = { asset_id: asset };
      const answer =
        action === "start"
          ? desk.rest.POST("/admin/assets/{asset_id}/start", {
              params: { path, query: { dry_run: true, evict } },
            })
          : desk.rest.POST("/admin/assets/{asset_id}/stop", {
              params: { path, query: { dry_run: true } },
            });
      return planIn(await unwrap(answer));
    },
    enabled,
    retry: false,
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
    gcTime: 0,
  });
}

function planIn(answer: object): Plan {
  if (isPlan(answer)) return answer;
  throw new Error("the desk answered with something that is no plan");
}

function isPlan(answer: object): answer is Plan {
  return "steps" in answer && "memory" in answer;
}
