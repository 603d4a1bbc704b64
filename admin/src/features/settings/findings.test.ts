import type { Finding } from "@mixdesk/client";
import { expect, it } from "vitest";
import { inOrder, summary } from "./findings";

function finding(check: string, verdict: Finding["verdict"]): Finding {
  return { check, verdict, found: "", todo: null };
}

it("puts what is to be done first and keeps the desk's order otherwise", () => {
  const found = [
    finding("a", "ok"),
    finding("b", "absent"),
    finding("c", "broken"),
    finding("d", "ok"),
    finding("e", "warning"),
  ];
  expect(inOrder(found).map((one) => one.check)).toEqual(["c", "e", "a", "d", "b"]);
});

it("says it in one line", () => {
  expect(summary([finding("a", "ok"), finding("b", "absent")])).toBe(
    "All is well: 1 in order, 1 not there and not needed",
  );
  expect(summary([finding("a", "ok"), finding("c", "broken"), finding("d", "warning")])).toBe(
    "1 broken, 1 with a warning; 1 in order",
  );
});
