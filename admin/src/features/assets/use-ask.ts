"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { AS_JSON } from "@/features/operations/asking";

export interface AskedStart {
  evict: boolean;
}
export interface AskedStop {
  cascade: boolean;
  force: boolean;
}

/** A key for one click: the same however often its request is sent, another one after it was answered. */
function useKey(): { key: () => string; spent: () => void } {
  const key = useRef<string | null>(null);
  return {
    key: () => {
      key.current ??= newKey();
      return key.current;
    },
    spent: () => {
      key.current = null;
    },
  };
}

/** Also where the page is no secure context and there is no `randomUUID`. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Asks for the start of an asset; answers once it is accepted, throws what the desk said against it. */
export function useStart(asset: string) {
  const desk = useDesk();
  const { key, spent } = useKey();
  return useMutation({
    mutationFn: ({ evict }: AskedStart) =>
      unwrap(
        desk.rest.POST("/admin/assets/{asset_id}/start", {
          params: { path: { asset_id: asset }, query: evict ? { evict } : {}, header: { "Idempotency-Key": key() } },
          headers: AS_JSON,
        }),
      ),
    onSettled: spent,
  });
}

export function useStop(asset: string) {
  const desk = useDesk();
  const { key, spent } = useKey();
  return useMutation({
    mutationFn: ({ cascade, force }: AskedStop) =>
      unwrap(
        desk.rest.POST("/admin/assets/{asset_id}/stop", {
          params: {
            path: { asset_id: asset },
            query: { ...(cascade ? { cascade } : {}), ...(force ? { force } : {}) },
            header: { "Idempotency-Key": key() },
          },
          headers: AS_JSON,
        }),
      ),
    onSettled: spent,
  });
}
