export const SEVERITIES = ["critical", "warning", "info"] as const;
export const COMPONENTS = [
  "job",
  "checkpoint",
  "asset",
  "desk",
  "exporter",
  "host",
  "gpu",
  "telemetry",
  "log",
] as const;
export const STATES = ["firing", "stale", "resolved", "all"] as const;

/** What of all alerts is looked at; empty where it does not matter. An empty state means all that is not over. */
export interface AlertFilters {
  state: string;
  severity: string;
  component: string;
  name: string;
}

export const NO_FILTERS: AlertFilters = { state: "", severity: "", component: "", name: "" };

/** The filters in an address. A state that the desk does not know is left out; it would refuse it. */
export function alertFiltersOf(query: URLSearchParams): AlertFilters {
  const text = (name: string) => query.get(name)?.trim() ?? "";
  const state = text("state");
  return {
    state: STATES.some((known) => known === state) ? state : "",
    severity: text("severity"),
    component: text("component"),
    name: text("name"),
  };
}

/** Those that say something, as the desk and the address take them. */
export function alertQueryOf(filters: AlertFilters): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}

export function isFiltered(filters: AlertFilters): boolean {
  return Object.keys(alertQueryOf(filters)).length > 0;
}
