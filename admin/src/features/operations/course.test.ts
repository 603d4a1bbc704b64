import type { Operation } from "@mixdesk/client";
import { expect, test } from "vitest";
import { isOpen, legsOf, ownSteps } from "./course";
import { freedBy, freedWords, resultOf, savedFile } from "./outcome";
import { targetHref } from "./target";

const at = (second: number) => `2026-12-01T12:00:${String(second).padStart(2, "0")}.000Z`;

function operation(changes: Partial<Operation>): Operation {
  return {
    id: "op",
    action: "start",
    kind: "asset",
    target: "rvc",
    state: "running",
    generation: 1,
    params: { starts: ["hubert", "rvc"], stops: [] },
    steps: [],
    result: null,
    error: null,
    actor: "anna",
    owner: null,
    created_at: at(0),
    updated_at: at(0),
    ended_at: null,
    revision: 1,
    ...changes,
  };
}

test("each asset is as far as its last step says", () => {
  const found = legsOf(
    operation({
      steps: [
        { at: at(0), step: "asked" },
        { at: at(1), step: "hubert is being started" },
        { at: at(4), step: "hubert runs, ready after 3.0 s" },
        { at: at(4), step: "rvc is being started" },
      ],
    }),
  );
  expect(found.map((leg) => [leg.asset, leg.stage])).toEqual([
    ["hubert", "ready"],
    ["rvc", "loading"],
  ]);
  expect(found[0]).toMatchObject({ began: Date.parse(at(1)), ended: Date.parse(at(4)) });
  expect(found[1]?.ended).toBeNull();
});

test("what was never come to says so once the operation has ended", () => {
  const steps = [{ at: at(1), step: "hubert ended with exit code 3" }];
  expect(legsOf(operation({ state: "failed", steps })).map((leg) => leg.stage)).toEqual(["failed", "left"]);
  expect(legsOf(operation({})).map((leg) => leg.stage)).toEqual(["wait", "wait"]);
});

test("those that make room come first, and a name that begins another one is not mixed up with it", () => {
  const found = legsOf(
    operation({
      params: { starts: ["rvc"], stops: ["rvc2"] },
      steps: [{ at: at(1), step: "rvc2 is being stopped" }],
    }),
  );
  expect(found.map((leg) => [leg.asset, leg.does, leg.stage])).toEqual([
    ["rvc2", "stop", "stopping"],
    ["rvc", "start", "wait"],
  ]);
});

test("steps of the operation itself are those of no asset", () => {
  const steps = [
    { at: at(0), step: "asked" },
    { at: at(1), step: "rvc is being started" },
    { at: at(2), step: "taken back by anna" },
  ];
  expect(ownSteps(operation({ steps })).map(({ step }) => step)).toEqual(["taken back by anna"]);
});

test("a job's operation has no assets", () => {
  expect(legsOf(operation({ kind: "job", action: "checkpoint", params: {} }))).toEqual([]);
  expect(isOpen(operation({ state: "moot" }))).toBe(false);
});

test("freed memory in words", () => {
  expect(freedWords(11_674, 307)).toBe("freed 11.4 GiB; 307 MiB did not come back");
  expect(freedWords(2048, 0)).toBe("freed 2.0 GiB");
  expect(freedWords(0, 0)).toBeNull();
  expect(freedWords(null, 100)).toBe("100 MiB did not come back");
  expect(freedBy(operation({ result: { assets: {}, freed_mb: 1024, leaked_mb: 0 } }))).toBe("freed 1.0 GiB");
});

test("a result is read as far as it is what it should be", () => {
  const ended = operation({ result: { assets: { rvc: { started: true, seconds: 3.2 } } } });
  expect(resultOf(ended, "rvc")).toEqual({ seconds: 3.2, freedMb: null, leakedMb: 0 });
  expect(resultOf(ended, "hubert")).toBeNull();
  expect(resultOf(operation({ result: { assets: "?" } }), "rvc")).toBeNull();
  expect(savedFile(operation({ result: { path: "/a/b.pt" } }))).toBe("/a/b.pt");
});

test("where a target is shown", () => {
  expect(targetHref("asset", "a b")).toBe("/assets/?asset=a%20b");
  expect(targetHref("job", "1")).toBe("/jobs/detail/?id=1");
  expect(targetHref("token", "1")).toBeNull();
});
