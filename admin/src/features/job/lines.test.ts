import { expect, test } from "vitest";
import { aJob } from "@/features/jobs/a-job.test-data";
import { EMPTY, extended, joined, namesOf } from "./lines";

const at = (second: number) => Date.parse(`2026-11-24T12:00:0${second}Z`);

test("a reading that is not newer is left out", () => {
  const one = extended(EMPTY, at(1), 5);
  expect(extended(one, at(1), 6)).toBe(one);
  expect(extended(one, at(2), 6)).toEqual({ times: [at(1), at(2)], values: [5, 6] });
});

test("what was heard goes on where the history ends", () => {
  const points = [
    { at: "2026-11-24T12:00:01Z", step: 1, value: 0.5 },
    { at: "2026-11-24T12:00:02Z", step: 2, value: "NaN" as const },
  ];
  const live = { times: [at(2), at(3)], values: [9, 0.3] };
  expect(joined(points, live)).toEqual({ times: [at(1), at(2), at(3)], values: [0.5, null, 0.3] });
  expect(joined(undefined, undefined)).toEqual(EMPTY);
});

test("losses come first", () => {
  const number = { value: 1, history: [] };
  expect(namesOf(aJob({ metrics: { lr: number, gen_loss: number, acc: number } }), undefined)).toEqual([
    "gen_loss",
    "acc",
    "lr",
  ]);
});
