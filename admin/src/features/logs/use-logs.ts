"use client";

import { type LogService, type LogSource, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { useQuery } from "@tanstack/react-query";

const SERVICES_MS = 10_000;
const PAGE = 1000;

/** Whatever writes logs. */
export function useServices() {
  const desk = useDesk();
  return useQuery({
    queryKey: ["logs", "services"],
    queryFn: async (): Promise<LogService[]> => (await unwrap(desk.rest.GET("/admin/logs/services"))).items,
    refetchInterval: SERVICES_MS,
  });
}

export interface Sources {
  items: LogSource[];
  /** Whether there are more than are shown. */
  more: boolean;
}

/** The logs of a service, best first. */
export function useSources(service: string | null) {
  const desk = useDesk();
  return useQuery({
    queryKey: ["logs", "sources", service],
    enabled: service !== null,
    refetchInterval: SERVICES_MS,
    queryFn: async (): Promise<Sources> => {
      const params = { path: { service: service ?? "" }, query: { limit: PAGE } };
      const page = await unwrap(desk.rest.GET("/admin/logs/sources/{service}", { params }));
      return { items: page.items, more: page.next !== null };
    },
  });
}

/** The one that is asked for by its name or its kind; without a wish the best that can be read. */
export function chosenOf(sources: readonly LogSource[], wish: string | null): LogSource | undefined {
  if (wish !== null) {
    return (
      sources.find((one) => one.id === wish) ?? sources.find((one) => one.kind === wish && one.readable) ?? undefined
    );
  }
  return sources.find((one) => one.readable) ?? sources[0];
}
