import { describe, expect, it } from "vitest";
import { logsHref, NOTHING_ASKED, readAddress, writeAddress } from "./address";

const read = (query: string) => readAddress(new URLSearchParams(query));

describe("the address of the logs", () => {
  it("is short where nothing is asked", () => {
    expect(writeAddress(NOTHING_ASKED)).toBe("");
    expect(read("")).toEqual(NOTHING_ASKED);
  });
  it("comes back as it was written", () => {
    const asked = {
      ...NOTHING_ASKED,
      service: "api",
      source: "a b/é",
      q: "x&y=1",
      level: "error",
      wrap: true,
    } as const;
    expect(read(writeAddress(asked))).toEqual(asked);
    const search = { ...NOTHING_ASKED, view: "search", regex: "a+", since: "", until: "1h", limit: 50 } as const;
    expect(read(writeAddress(search))).toEqual(search);
  });
  it("does not believe what is no level and no number", () => {
    expect(read("level=loud&limit=-3")).toEqual(NOTHING_ASKED);
    expect(read("limit=1000000").limit).toBe(10_000);
  });
  it("makes links for others", () => {
    expect(logsHref({ service: "jobs", source: "j-1" })).toBe("/logs/?service=jobs&source=j-1");
  });
});
