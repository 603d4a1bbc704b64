"use client";

import type { Asset } from "@mixdesk/client";
import { useMemo } from "react";
import { neededBy } from "./graph";

/** Who needs each asset. The same as before unless the registry changes: readings come each second. */
export function useNeededBy(assets: readonly Asset[]): ReadonlyMap<string, readonly string[]> {
  const shape = JSON.stringify(assets.map(({ id, dependencies }) => ({ id, dependencies })));
  return useMemo(() => {
    const nodes: Parameters<typeof neededBy>[0] = JSON.parse(shape);
    return neededBy(nodes);
  }, [shape]);
}
