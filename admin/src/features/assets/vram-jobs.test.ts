import type { Gpu } from "@mixdesk/client";
import { expect, test } from "vitest";
import { aJob } from "../jobs/a-job.test-data";
import { anAsset } from "./an-asset";
import { cardsOf, sum } from "./vram";

const gpu = (uuid: string, index: number, used: number): Gpu => ({
  index,
  uuid,
  name: "Stand-in",
  utilization_percent: 3,
  vram_used_mb: used,
  vram_total_mb: 1000,
  temperature_c: null,
});
const job = (id: string, ...held: [uuid: string, mb: number | null][]) => {
  const made = aJob({ job_id: id, name: id });
  const gpus = held.map(([uuid, used_mb], at) => ({ gpu: at, uuid, used_mb }));
  return { ...made, details: { ...made.details, gpus } };
};
const rvc = anAsset("rvc", {
  usage: {
    ...anAsset("rvc").usage,
    jobs: ["inner"],
    vram: [{ gpu: 0, uuid: "A", used_mb: 300, reserved_mb: 0, leaked_mb: 0 }],
  },
});

test("a job is drawn on its GPUs, one inside an asset is named beside it alone", () => {
  const jobs = [job("inner", ["A", 200]), job("own", ["A", 100], ["B", 400]), job("hidden", ["B", null])];
  const [first, second] = cardsOf([gpu("A", 0, 450), gpu("B", 1, 400)], [rvc], jobs);
  expect(first?.pieces).toEqual([
    { kind: "used", asset: "rvc", mb: 300, jobs: [{ id: "inner", name: "inner", mb: 200 }] },
    { kind: "job", asset: null, mb: 100, jobs: [{ id: "own", name: "own", mb: 100 }] },
    { kind: "others", asset: null, mb: 50 },
    { kind: "free", asset: null, mb: 550 },
  ]);
  expect(second?.pieces.map(({ kind, mb }) => `${kind} ${mb}`)).toEqual(["job 400", "free 600"]);
  expect(second?.hidden).toEqual(["hidden"]);
  expect(sum(first?.pieces ?? [])).toBe(1000);
});

test("jobs of other GPUs make no bar", () => {
  expect(cardsOf([gpu("A", 0, 0)], [], [job("far", ["X", 5])]).map(({ uuid }) => uuid)).toEqual(["A"]);
});
