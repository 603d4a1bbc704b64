"use client";

import { type Desk, type LogSource, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

const AGAIN_MS = 30_000;
const PAGE = 1000;

/**
 * A log as the desk lists it, null where there is none. Asked of the lists: a stream that is refused leaves an error in the console at each attempt.
 * Looked for again, slowly, until it is there or the job is over.
 */
export function useJobLog(service: string, source: string, over: boolean) {
  const desk = useDesk();
  return useQuery({
    queryKey: ["logs", "is-there", service, source, over],
    queryFn: () => listed(desk, service, source),
    // a job that ends is asked about once more, and a log that is shown stays meanwhile
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.readable || (over && state.data !== undefined) ? false : AGAIN_MS),
  });
}

async function listed(desk: Desk, service: string, source: string): Promise<LogSource | null> {
  const { items: services } = await unwrap(desk.rest.GET("/admin/logs/services"));
  if (!services.some((one) => one.service === service)) return null;
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor };
    const params = { path: { service }, query };
    const page = await unwrap(desk.rest.GET("/admin/logs/sources/{service}", { params }));
    const found = page.items.find((one) => one.id === source);
    if (found !== undefined) return found;
    cursor = page.next ?? null;
  } while (cursor !== null);
  return null;
}
