"use client";

import { unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/shell/session";
import { type Answered, type Grafana, judged } from "./grafana-state";

const LINKS_FRESH_MS = 300_000;
const AGAIN_MS = 15_000;
const TIMEOUT_MS = 4000;

/** Where Grafana is and whether it answers; asked again while the page is looked at, so that it comes by itself. */
export function useGrafana(): Grafana {
  const desk = useDesk();
  const { me } = useSession();
  const links = useQuery({
    queryKey: ["links"],
    queryFn: () => unwrap(desk.rest.GET("/admin/links")),
    staleTime: LINKS_FRESH_MS,
    networkMode: "always",
  });
  const address = links.data?.grafana ?? null;
  const health = useQuery({
    queryKey: ["grafana", address],
    queryFn: () => asked(`${address}/api/health`),
    enabled: address !== null && isOwn(address),
    refetchInterval: AGAIN_MS,
    retry: false,
    networkMode: "always",
  });
  return judged({
    asked: links.data !== undefined,
    problem: links.error?.message,
    address,
    own: address !== null && isOwn(address),
    bound: me?.owner != null,
    health: health.data,
  });
}

/** Whether a page of this desk may ask there: a policy of the desk's keeps it from asking elsewhere. */
function isOwn(address: string): boolean {
  return new URL(address, window.location.href).origin === window.location.origin;
}

async function asked(address: string): Promise<Answered> {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { ok: answer.ok, words: `it answers ${answer.status}` };
  } catch (problem) {
    const late = problem instanceof DOMException && problem.name === "TimeoutError";
    return { ok: false, words: late ? `nothing within ${TIMEOUT_MS / 1000} s` : "it cannot be reached" };
  }
}
