import { expect, test } from "vitest";
import { aJob } from "./a-job.test-data";
import { clockTime, etaOf, leftInWords } from "./eta";

const NOW = Date.parse("2026-11-24T12:00:10Z");

test("the time left counts down from the report it belongs to", () => {
  const job = aJob({ eta_seconds: 100, last_report_at: "2026-11-24T12:00:00Z" });
  expect(etaOf(job, NOW)).toEqual({ known: true, left: 90, at: NOW + 90_000, low: null, high: null });
  expect(etaOf(job, NOW + 500_000)).toMatchObject({ left: 0 });
});

test("a report from a moment ahead does not lengthen it", () => {
  expect(etaOf(aJob({ eta_seconds: 100, last_report_at: "2026-11-24T12:00:20Z" }), NOW)).toMatchObject({ left: 100 });
});

test.each([
  [{ status: "queued" }, "once a trainer has taken it up"],
  [{ status: "paused", eta_seconds: 50 }, "once it goes on"],
  [{ lost: true, eta_seconds: 50 }, "unknown while the trainer is not heard"],
  [{ eta_seconds: null }, "after the first steps"],
  [{ status: "succeeded" }, ""],
] as const)("where it is unknown it says why: %o", (change, why) => {
  expect(etaOf(aJob(change), NOW)).toEqual({ known: false, why });
});

test.each([
  [{ left: 700, low: 600, high: 900 }, "10 to 15 min left"],
  [{ left: 50, low: 40, high: 90 }, "40 s to 2 min left"],
  [{ left: 700, low: null, high: null }, "about 12 min left"],
  [{ left: 700, low: 700, high: 701 }, "about 12 min left"],
  [{ left: 0, low: 0, high: 20 }, "any moment"],
])("the range in words: %o", (eta, words) => {
  expect(leftInWords({ known: true, at: 0, ...eta })).toBe(words);
});

test("a clock time has its day where that is another one", () => {
  const at = (text: string) => clockTime(Date.parse(text), NOW, "Asia/Kolkata");
  expect(at("2026-11-24T12:32:00Z")).toBe("18:02");
  expect(at("2026-11-24T19:32:00Z")).toBe("Wed 01:02");
  expect(at("2026-12-12T09:02:00Z")).toBe("12 Dec 14:32");
});
