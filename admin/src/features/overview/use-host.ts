"use client";

import { useMetrics } from "@mixdesk/client/react";
import { useHost } from "@/shell/host";

/** Readings of the host that was chosen; `host` is undefined for the desk's first. */
export function useHostReadings() {
  const { host } = useHost();
  return { host, ...useMetrics(host) };
}
