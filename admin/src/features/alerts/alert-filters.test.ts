import { describe, expect, it } from "vitest";
import { alertFiltersOf, alertQueryOf, isFiltered, NO_FILTERS } from "./alert-filters";

describe("filters of alerts", () => {
  it("stand in the address", () => {
    const filters = alertFiltersOf(new URLSearchParams("state=all&severity=critical&name=JobLost"));
    expect(filters).toEqual({ state: "all", severity: "critical", component: "", name: "JobLost" });
    expect(alertQueryOf(filters)).toEqual({ state: "all", severity: "critical", name: "JobLost" });
  });

  it("leave out a state that is none", () => {
    expect(alertFiltersOf(new URLSearchParams("state=loud"))).toEqual(NO_FILTERS);
  });

  it("are none to begin with", () => {
    expect(isFiltered(alertFiltersOf(new URLSearchParams("")))).toBe(false);
    expect(alertQueryOf(NO_FILTERS)).toEqual({});
  });
});
