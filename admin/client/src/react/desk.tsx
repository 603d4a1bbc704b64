"use client";

import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Desk } from "../desk.ts";
import type { Collection } from "../streams/collection.ts";
import { assets, jobs, operations } from "../streams/kinds.ts";
import { MetricsHistory } from "../streams/metrics.ts";
import { OperationSource } from "../streams/operation.ts";
import type { Asset, Job, Operation } from "../types.ts";

/** The streams of one desk, each made when it is first asked for. */
export class DeskStreams {
  #jobs = new Map<string, Collection<Job>>();
  #metrics = new Map<string, MetricsHistory>();
  #each = new Map<string, OperationSource>();
  #assets: Collection<Asset> | undefined;
  #operations: Collection<Operation> | undefined;

  constructor(private readonly desk: Desk) {}

  jobs(id = ""): Collection<Job> {
    return of(this.#jobs, id, () => jobs(this.desk, id || undefined));
  }

  metrics(host = ""): MetricsHistory {
    return of(this.#metrics, host, () => new MetricsHistory(this.desk, host || undefined));
  }

  assets(): Collection<Asset> {
    this.#assets ??= assets(this.desk);
    return this.#assets;
  }

  operations(): Collection<Operation> {
    this.#operations ??= operations(this.desk);
    return this.#operations;
  }

  operation(id: string): OperationSource {
    return of(this.#each, id, () => new OperationSource(this.desk, this.operations(), id));
  }
}

function of<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const Context = createContext<{ desk: Desk; streams: DeskStreams } | null>(null);

export function DeskProvider({ desk, children }: { desk: Desk; children: ReactNode }) {
  const value = useMemo(() => ({ desk, streams: new DeskStreams(desk) }), [desk]);
  return <Context value={value}>{children}</Context>;
}

export function useDesk(): Desk {
  return useDeskContext().desk;
}

export function useDeskContext(): { desk: Desk; streams: DeskStreams } {
  const value = useContext(Context);
  if (value === null) throw new Error("there is no <DeskProvider> above this component");
  return value;
}
