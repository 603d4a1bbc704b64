"use client";

import { type Operation, unwrap } from "@mixdesk/client";
import { useDesk, useOperations } from "@mixdesk/client/react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { merged } from "@/features/operations/merged";

const NEWEST = 10;

/**
 * What was asked of a job, newest first: its last requests as the desk keeps them, and each change since. So a reload, or
 * a restart of the desk, loses none of them.
 */
export function useJobOperations(id: string): readonly Operation[] {
  const desk = useDesk();
  const queries = useQueryClient();
  const { data, state } = useOperations();
  const key = useMemo(() => ["operations", "of-job", id], [id]);
  const kept = useQuery({
    queryKey: key,
    queryFn: () =>
      unwrap(desk.rest.GET("/admin/operations", { params: { query: { target: id, kind: "job", limit: NEWEST } } })),
  });
  // what ended while the stream was away is told by none of its frames
  const live = state.phase === "live";
  useEffect(() => {
    if (live) void queries.invalidateQueries({ queryKey: key });
  }, [live, queries, key]);
  return useMemo(() => {
    const ofJob = (one: Operation) => one.kind === "job" && one.target === id;
    return merged(kept.data?.items ?? [], data.values(), ofJob);
  }, [kept.data, data, id]);
}
