"use client";

import { type Asset, unwrap } from "@mixdesk/client";
import { useAssets, useDesk } from "@mixdesk/client/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { inOrder } from "./shown";

/** All assets as the registry orders them: the stream tells of each by itself, in the order of their changes. */
export function useRegistry(): Asset[] {
  const desk = useDesk();
  const { data } = useAssets();
  const ids = [...data.keys()].sort().join();
  const order = useQuery({
    queryKey: ["registry", ids],
    queryFn: async () => (await unwrap(desk.rest.GET("/admin/assets"))).items.map(({ id }) => id),
    placeholderData: keepPreviousData,
    enabled: ids !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => inOrder(data.values(), order.data ?? []), [data, order.data]);
}
