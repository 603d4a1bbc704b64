"use client";

import { type AlertList, unwrap } from "@mixdesk/client";
import { useDesk } from "@mixdesk/client/react";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type AlertFilters, alertQueryOf } from "./alert-filters";

const EVERY_MS = 10_000;

/** Alerts, asked for anew every ten seconds while the page is looked at; what is known stays while the desk is away. */
export function useAlerts(filters: AlertFilters, limit: number): UseQueryResult<AlertList> {
  const desk = useDesk();
  const query = { ...alertQueryOf(filters), limit };
  return useQuery({
    queryKey: ["alerts", query],
    queryFn: () => unwrap(desk.rest.GET("/admin/alerts", { params: { query } })),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
    networkMode: "always",
  });
}
