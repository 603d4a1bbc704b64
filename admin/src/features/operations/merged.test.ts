import type { Operation } from "@mixdesk/client";
import { expect, test } from "vitest";
import { merged } from "./merged";

const one = (id: string, at: string, revision: number, state: Operation["state"] = "running"): Operation => ({
  id,
  action: "start",
  kind: "asset",
  target: "rvc",
  state,
  generation: 1,
  params: {},
  steps: [],
  result: null,
  error: null,
  actor: "anna",
  owner: null,
  created_at: at,
  updated_at: at,
  ended_at: null,
  revision,
});

test("the newest of each, newest first, and only those that are wanted", () => {
  const old = one("a", "2026-12-01T12:00:00.000Z", 1);
  const done = one("a", "2026-12-01T12:00:00.000Z", 5, "succeeded");
  const later = one("b", "2026-12-01T12:00:01.000Z", 3);
  expect(merged([old], [later, done], () => true)).toEqual([later, done]);
  expect(merged([done], [old], () => true)).toEqual([done]);
  expect(merged([old], [done, later], (found) => found.state === "succeeded")).toEqual([done]);
});
