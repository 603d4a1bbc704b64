"use client";

import { useCallback, useSyncExternalStore } from "react";
import type { Source, View } from "../streams/source.ts";
import type { Asset, Job, Operation, SystemMetrics } from "../types.ts";
import { useDeskContext } from "./desk.tsx";

/** A source as state of a component: connected while it is mounted. */
export function useSource<T>(source: Source<T>): View<T> {
  const listen = useCallback((listener: () => void) => source.listen(listener), [source]);
  const view = useCallback(() => source.view(), [source]);
  return useSyncExternalStore(listen, view, view);
}

/** All jobs that one may see, by id. */
export function useJobs(): View<ReadonlyMap<string, Job>> {
  return useSource(useDeskContext().streams.jobs());
}

/** One job; undefined until it is known, null where there is none. */
export function useJob(id: string): View<Job | null | undefined> {
  const view = useSource(useDeskContext().streams.jobs(id));
  const job = view.data.get(id);
  return { ...view, data: job ?? (view.ready ? null : undefined) };
}

/** All assets, by id. */
export function useAssets(): View<ReadonlyMap<string, Asset>> {
  return useSource(useDeskContext().streams.assets());
}

/** Operations that had not ended when the stream began, and all since, by id. */
export function useOperations(): View<ReadonlyMap<string, Operation>> {
  return useSource(useDeskContext().streams.operations());
}

/** One operation until its end, also one that had ended before; undefined until it is known, null where there is none. */
export function useOperation(id: string): View<Operation | null | undefined> {
  return useSource(useDeskContext().streams.operation(id));
}

/** Readings of a host (default: the desk's first source), oldest first. */
export function useMetrics(host?: string): View<readonly SystemMetrics[]> {
  return useSource(useDeskContext().streams.metrics(host));
}
