import { expect, test } from "vitest";
import { aJob, aPhase } from "./a-job.test-data";
import { phaseEnd, phaseInWords, progressInWords, segments } from "./progress";

test("each phase is as wide as it weighs, and they fill the bar", () => {
  const parts = segments([aPhase("slice", 10), aPhase("train", 60), aPhase("pack", 30)]);
  expect(parts.map((part) => [part.from, part.width])).toEqual([[0, 10], [10, 60], [70, 30]]); // biome-ignore format: one a line
});

test("weights that do not sum to 100 fill it as well", () => {
  const parts = segments([aPhase("a", 1), aPhase("b", 3)]);
  expect(parts.map((part) => part.width)).toEqual([25, 75]);
});

test("done and skipped are complete, an unknown total is no made-up number", () => {
  const parts = segments([
    aPhase("a", 25, { state: "done", progress_percent: 99 }),
    aPhase("b", 25, { state: "skipped" }),
    aPhase("c", 25, { state: "running", progress_percent: 42.9 }),
    aPhase("d", 25, { state: "running" }),
  ]);
  expect(parts.map((part) => part.done)).toEqual([100, 100, 42.9, null]);
  expect(parts.map((part) => part.words)).toEqual([
    "a (25 % of the job): done",
    "b (25 % of the job): skipped",
    "c (25 % of the job): running, 42 %",
    "d (25 % of the job): running, how much is not known",
  ]);
});

test("no weights at all do no harm", () => {
  expect(segments([aPhase("a", 0)])[0]?.width).toBe(0);
  expect(segments([])).toEqual([]);
});

test("the whole in one line", () => {
  expect(progressInWords(aJob({ progress_percent: 61.9 }))).toBe("61 %, phase 4 of 6: Training");
});

const halfway = aPhase("train", 50, { state: "running", progress_percent: 31.2, started_at: "2026-12-01T12:00:00Z" });

test.each([
  [{}, "running, 31 %"],
  [{ status: "failed" as const }, "ended at 31 %"],
  [{ lost: true }, "last heard at 31 %"],
])("a phase runs no more than its job does: %o", (changes, words) => {
  expect(phaseInWords(aJob(changes), halfway)).toBe(words);
});

test("a phase that nobody ended took until its job ended, or was last heard", () => {
  const heard = "2026-12-01T12:30:00Z";
  expect(phaseEnd(aJob({ completed_at: heard }), halfway)).toBe(heard);
  expect(phaseEnd(aJob({ lost: true, last_report_at: heard }), halfway)).toBe(heard);
  expect(phaseEnd(aJob({ last_report_at: heard }), halfway)).toBeNull();
});
