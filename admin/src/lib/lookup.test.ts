import { expect, test } from "vitest";
import { lookup } from "./lookup";

test("a name finds what stands under it, and nothing of the prototype", () => {
  expect(lookup({ critical: 1 }, "critical")).toBe(1);
  for (const name of ["constructor", "__proto__", "toString", "other"]) {
    expect(lookup({ critical: 1 }, name)).toBeUndefined();
  }
});
