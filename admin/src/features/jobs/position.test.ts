import { expect, test } from "vitest";
import { aJob } from "./a-job.test-data";
import { positionInWords, secondsOf, speedInWords } from "./position";

const details = (change: object) => aJob({ details: { ...aJob().details, ...NONE, ...change } });
const NONE = { current_epoch: 0, total_epochs: 0, current_step: 0, total_steps: 0 };

test.each([
  [{ current_epoch: 3, total_epochs: 20, current_step: 14, total_steps: 50 }, "epoch 3 of 20, step 14 of 50"],
  [{ current_step: 12_000 }, "step 12\u202f000"],
  [{ items_done: 12, items_total: 80 }, "12 of 80 items"],
  [{ items_done: 12 }, "12 items"],
  [{ bytes_done: 1024 ** 2, bytes_total: 1024 ** 3 }, "1.0 MiB of 1.0 GiB"],
  [{}, ""],
])("%o", (change, words) => {
  expect(positionInWords(details(change))).toBe(words);
});

test.each([
  [4.23, "4.2 steps/s"],
  [123.4, "123 steps/s"],
  [0.5, "1 step in 2 s"],
  [null, ""],
  [0, ""],
])("%s steps a second", (speed, words) => {
  expect(speedInWords(speed)).toBe(words);
});

test("a job that has not begun has taken no time", () => {
  expect(secondsOf(aJob({ started_at: null }), 0)).toBeNull();
  expect(secondsOf(aJob({ completed_at: "2026-11-24T11:00:30Z" }), Number.NaN)).toBe(30);
});
