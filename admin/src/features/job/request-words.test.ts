import { expect, test } from "vitest";
import { andThen } from "./actions/and-then";
import { anOperation } from "./an-operation.test-data";
import { askedFor, fileOf, remarkOn, stageOf } from "./request-words";

test("a save goes from requested over saving to saved, with its file", () => {
  const path = "/runs/anton-v0.5-e9-s1032-20261124.pth";
  expect(stageOf(anOperation())).toBe("requested");
  expect(stageOf(anOperation({ state: "running" }))).toBe("saving");
  const done = anOperation({ state: "succeeded", result: { path, epoch: 9 } });
  expect(stageOf(done)).toBe("saved");
  expect(fileOf(done)).toBe("anton-v0.5-e9-s1032-20261124.pth");
});

test("save and cancel is saved before the run has left", () => {
  const steps = [{ at: "2026-11-24T12:00:01Z", step: "saved" }];
  const leaving = anOperation({ params: andThen("cancel"), state: "running", steps });
  expect(askedFor(leaving)).toBe("save a checkpoint and cancel");
  expect(stageOf(leaving)).toBe("saved");
  expect(remarkOn(leaving)).toBe("saved, the run is leaving");
});

test("what failed says why", () => {
  const failed = anOperation({ state: "failed", error: "nothing is registered" });
  expect([stageOf(failed), remarkOn(failed), fileOf(failed)]).toEqual(["failed", "nothing is registered", null]);
});

test.each([
  ["pause", "paused"],
  ["resume", "running"],
  ["cancel", "canceled"],
] as const)("a %s that is obeyed", (action, word) => {
  expect(stageOf(anOperation({ action, params: {}, state: "running" }))).toBe("taken up");
  expect(stageOf(anOperation({ action, params: {}, state: "succeeded" }))).toBe(word);
});

test.each(["superseded", "moot"] as const)("%s is explained", (state) => {
  expect(remarkOn(anOperation({ state }))).not.toBeNull();
});
