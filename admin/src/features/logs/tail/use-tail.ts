"use client";

import { useDesk } from "@mixdesk/client/react";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { Tail, type TailWish } from "./tail";

/** The live tail of a log, followed while the component is there; the component is drawn anew when it has changed. */
export function useTail({ service, source, lines, q, regex, level }: TailWish): { tail: Tail; version: number } {
  const desk = useDesk();
  const tail = useMemo(
    () => new Tail(desk, { service, source, lines, q, regex, level }),
    [desk, service, source, lines, q, regex, level],
  );
  const listen = useCallback((listener: () => void) => tail.listen(listener), [tail]);
  const read = useCallback(() => tail.version, [tail]);
  return { tail, version: useSyncExternalStore(listen, read, read) };
}
