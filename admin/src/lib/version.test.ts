import { describe, expect, it } from "vitest";
import { isMissingPart, mayReload } from "./version";

describe("a page of an older version", () => {
  it.each([
    "Failed to load chunk /ui/_next/static/chunks/0a.js from module 12",
    "Loading chunk 7 failed.",
    "Loading CSS chunk 7 failed.",
    "Failed to fetch dynamically imported module: http://desk/ui/x.js",
    "error loading dynamically imported module",
    "Importing a module script failed.",
  ])("is told by: %s", (message) => {
    expect(isMissingPart(new Error(message))).toBe(true);
  });

  it("is not told by another fault", () => {
    expect(isMissingPart(new TypeError("x is undefined"))).toBe(false);
    expect(isMissingPart("Loading chunk 7 failed.")).toBe(false);
  });

  it("reloads once a minute at most", () => {
    expect(mayReload(null, 1000)).toBe(true);
    expect(mayReload("1000", 30_000)).toBe(false);
    expect(mayReload("1000", 90_000)).toBe(true);
    // the browser's clock was set back
    expect(mayReload("900000", 1000)).toBe(true);
  });
});
