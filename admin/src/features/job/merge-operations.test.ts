import { expect, test } from "vitest";
import { anOperation } from "./an-operation.test-data";
import { mergeOperations } from "./merge-operations";

test("the newest state of each request, whichever source has it", () => {
  const kept = [anOperation({ id: "a", state: "succeeded", revision: 5 }), anOperation({ id: "b", revision: 2 })];
  const live = [anOperation({ id: "a", revision: 3 }), anOperation({ id: "b", state: "running", revision: 4 })];
  expect(mergeOperations(kept, live, "0198f3c2").map((one) => [one.id, one.state])).toEqual([
    ["b", "running"],
    ["a", "succeeded"],
  ]);
});

test("those of other jobs and of assets are left out", () => {
  const live = [anOperation({ target: "other" }), anOperation({ id: "x", kind: "asset" })];
  expect(mergeOperations([], live, "0198f3c2")).toEqual([]);
});
