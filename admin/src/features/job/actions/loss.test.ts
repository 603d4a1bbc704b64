import type { JobHistory } from "@mixdesk/client";
import { expect, test } from "vitest";
import { aJob } from "@/features/jobs/a-job.test-data";
import { isDear, lossInWords, lossOf, paused, saveSeconds } from "./loss";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const at = (time: string) => `2026-11-24T${time}Z`;

function saved(time: string, epoch: number, step: number) {
  return {
    path: "/runs/a.pth",
    epoch,
    step,
    size: 1,
    hash: "",
    saved_at: at(time),
    verified: true,
    reason: "requested",
  };
}

function changes(...items: [time: string, after: string][]): JobHistory["transitions"] {
  return items.map(([time, after]) => ({ at: at(time), before: null, after, reason: null }));
}

test("a cancel loses the work since the newest checkpoint", () => {
  const job = aJob({ checkpoints: [saved("11:10:00", 2, 8000), saved("11:23:00", 3, 12_000)] });
  const loss = lossOf(job, [], NOW);
  expect(lossInWords(loss)).toBe("loses 37 min of work since epoch 3, step 12\u202f000");
  expect(isDear(loss)).toBe(true);
});

test("without a checkpoint it loses all", () => {
  const loss = lossOf(aJob({ started_at: at("11:55:00") }), [], NOW);
  expect(lossInWords(loss)).toBe("loses all of its 5 min of work: nothing was saved yet");
  expect(isDear(loss)).toBe(false);
});

test("what has not begun loses nothing", () => {
  expect(lossInWords(lossOf(aJob({ started_at: null }), [], NOW))).toContain("nothing");
});

test("pauses are no work", () => {
  const transitions = changes(["11:00:00", "running"], ["11:10:00", "paused"], ["11:40:00", "running"]);
  expect(lossOf(aJob(), transitions, NOW)?.seconds).toBe(30 * 60);
});

test("a pause that lasts, and one from before the checkpoint", () => {
  const job = aJob({ checkpoints: [saved("11:30:00", 1, 1)] });
  const transitions = changes(["11:10:00", "paused"], ["11:20:00", "running"], ["11:50:00", "paused"]);
  expect(lossOf(job, transitions, NOW)?.seconds).toBe(20 * 60);
});

test("a trainer that is lost within its pause is still paused", () => {
  const transitions = changes(
    ["11:10:00", "paused"],
    ["11:20:00", "lost"],
    ["11:30:00", "paused"],
    ["11:40:00", "running"],
  );
  expect(paused(transitions, Date.parse(at("11:00:00")), NOW)).toBe(30 * 60_000);
});

test("how long saving takes is the middle of what it took", () => {
  const took = (seconds: number) => ({
    ...saved("11:00:00", 1, 1),
    started_at: at("11:00:00"),
    saved_at: at(`11:00:0${seconds}`),
  });
  expect(saveSeconds([took(1), took(9), took(2)])).toBe(2);
  expect(saveSeconds([])).toBeNull();
});
