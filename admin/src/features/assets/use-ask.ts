"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useKeyed } from "@/features/operations/use-keyed";

interface AskedStart {
  evict: boolean;
}
interface AskedStop {
  cascade: boolean;
  force: boolean;
}

/** Asks for the start of an asset; answers once it is accepted, throws what the desk said against it. */
export function useStart(asset: string) {
  const desk = useDesk();
  return useKeyed(({ evict }: AskedStart, key) =>
    unwrap(
      desk.rest.POST("/admin/assets/{asset_id}/start", {
        params: { path: { asset_id: asset }, query: evict ? { evict } : {}, header: { "Idempotency-Key": key } },
      }),
    ),
  );
}

export function useStop(asset: string) {
  const desk = useDesk();
  return useKeyed(({ cascade, force }: AskedStop, key) =>
    unwrap(
      desk.rest.POST("/admin/assets/{asset_id}/stop", {
        params: {
          path: { asset_id: asset },
          query: { ...(cascade ? { cascade } : {}), ...(force ? { force } : {}) },
          header: { "Idempotency-Key": key },
        },
      }),
    ),
  );
}
