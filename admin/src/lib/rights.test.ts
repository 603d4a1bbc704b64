import { expect, test } from "vitest";
import { actsOnAll } from "./rights";

test.each([
  [["operator"], null, true],
  [["admin"], null, true],
  [["operator"], "anna", false],
  [["viewer", "reporter"], null, false],
])("%j bound to %s", (roles, owner, acts) => {
  expect(actsOnAll({ roles, owner })).toBe(acts);
});

test("nobody acts who is not signed in", () => {
  expect(actsOnAll(null)).toBe(false);
  expect(actsOnAll(undefined)).toBe(false);
});
