import type { Operation } from "@mixdesk/client";
import { expect, test } from "vitest";
import { byAsset, endWords, underWay } from "./under-way";

const NOW = Date.parse("2026-12-01T12:10:00.000Z");

const one = (id: string, minute: number, changes: Partial<Operation> = {}): Operation => ({
  id,
  action: "start",
  kind: "asset",
  target: "rvc",
  state: "running",
  generation: 1,
  params: { starts: ["rvc"], stops: [] },
  steps: [],
  result: null,
  error: null,
  actor: "anna",
  owner: null,
  created_at: `2026-12-01T12:0${minute}:00.000Z`,
  updated_at: `2026-12-01T12:0${minute}:00.000Z`,
  ended_at: null,
  revision: 1,
  ...changes,
});
const ended = (id: string, minute: number, changes: Partial<Operation> = {}) =>
  one(id, minute, { state: "succeeded", ended_at: `2026-12-01T12:0${minute}:30.000Z`, ...changes });

test("those on their way, and the last few that have just ended, but none that was put away", () => {
  const all = [one("a", 1), ended("old", 2), ended("b", 6), ended("c", 7), ended("d", 8), ended("e", 9)];
  expect(underWay(all, new Set(["e"]), NOW).map(({ id }) => id)).toEqual(["d", "c", "b", "a"]);
  expect(underWay([one("job", 1, { kind: "job" })], new Set(), NOW)).toEqual([]);
});

test("each asset has its newest operation", () => {
  const first = one("a", 1, { params: { starts: ["hubert", "rvc"], stops: [] } });
  const second = one("b", 2, { params: { starts: [], stops: ["rvc"] }, action: "stop" });
  const found = byAsset([second, first, ended("c", 3)]);
  expect([found.get("rvc")?.id, found.get("hubert")?.id]).toEqual(["b", "a"]);
});

test("how it ended, in words", () => {
  expect(endWords(ended("a", 1))).toBe("rvc is ready");
  const freed = { assets: {}, freed_mb: 1024, leaked_mb: 0 };
  expect(endWords(ended("a", 1, { action: "stop", result: freed }))).toBe("rvc has stopped: freed 1.0 GiB");
  expect(endWords(ended("a", 1, { action: "stop" }))).toBe("rvc has stopped");
  expect(endWords(ended("a", 1, { state: "failed", error: "no" }))).toBe("start rvc: failed, no");
});
