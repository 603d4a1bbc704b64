import { DeskProblem } from "@mixdesk/client";
import { expect, test } from "vitest";
import { WishKeys } from "./wish-keys";

test("a wish keeps its key until it is answered", () => {
  const keys = new WishKeys<{ evict: boolean }>();
  const first = keys.keyOf({ evict: false });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  keys.settled({ evict: false }, new DeskProblem(0, "No answer", "the desk does not answer"));
  expect(keys.keyOf({ evict: false })).toBe(first);
  expect(keys.keyOf({ evict: true })).not.toBe(first);
});

test.each([["accepted", null] as const, ["refused", new DeskProblem(409, "Conflict", "it runs")] as const])(
  "once it is %s, the same wish is another request",
  (_, problem) => {
    const keys = new WishKeys<string>();
    const first = keys.keyOf("stop");
    keys.settled("stop", problem);
    expect(keys.keyOf("stop")).not.toBe(first);
  },
);
