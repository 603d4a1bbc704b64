import type { Operation } from "@mixdesk/client";
import { expect, test } from "vitest";
import { aJob } from "@/features/jobs/a-job.test-data";
import { anOperation } from "../an-operation.test-data";
import { andThen } from "./and-then";
import { type Action, isEnding, refusalOf } from "./possible";

const ALL: Action[] = ["checkpoint", "pause", "resume", "cancel"];
const refused = (job = aJob(), operations: Operation[] = []) =>
  ALL.filter((action) => refusalOf(action, job, operations) !== null);

test("a running job takes every request", () => {
  expect(refused()).toEqual([]);
});

test("one that has ended takes none", () => {
  expect(refused(aJob({ status: "failed" }))).toEqual(ALL);
});

test("a queued one can be canceled and resumed", () => {
  expect(refused(aJob({ status: "queued" }))).toEqual(["checkpoint", "pause"]);
});

test("a run that is ending is neither paused nor resumed", () => {
  const saveAndCancel = anOperation({ action: "checkpoint", params: andThen("cancel") });
  const canceled = aJob({ desired: { generation: 2, run: { state: "canceled", generation: 2 }, checkpoint: null } });
  expect(refused(aJob(), [saveAndCancel])).toEqual(["pause", "resume"]);
  expect(refused(canceled)).toEqual(["pause", "resume"]);
});

test("a save and cancel that failed ends nothing", () => {
  expect(isEnding(aJob(), [anOperation({ params: andThen("cancel"), state: "failed" })])).toBe(false);
});
