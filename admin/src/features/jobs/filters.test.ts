import { expect, test } from "vitest";
import { addressWith } from "@/lib/query-state";
import { aJob } from "./a-job.test-data";
import { changeOf, filtersOf, inOrder, isFiltered, matches, sinceOf } from "./filters";

const read = (query: string) => filtersOf(new URLSearchParams(query));
const NOW = Date.parse("2026-11-24T12:00:00Z");

test("the address holds the filters", () => {
  const filters = read("status=failed,lost&status=running&job_type=tts_generate&name=an&owner=anna&since=24h");
  expect(filters).toEqual({
    status: ["failed", "lost", "running"],
    type: "tts_generate",
    name: "an",
    owner: "anna",
    since: "24h",
  });
  const address = addressWith({ pathname: "/jobs/", search: "", hash: "" }, changeOf(filters));
  expect(address).toContain("status=failed,lost,running");
  expect(read(address.slice("/jobs/".length))).toEqual(filters);
});

test("a filter changes, and nothing else in the address", () => {
  const search = "?host=box1&x=1&type=tts_generate";
  const after = (changes: Parameters<typeof changeOf>[0]) =>
    addressWith({ pathname: "/jobs/", search, hash: "" }, changeOf(changes));
  expect(after({ name: "ann" })).toBe("/jobs/?host=box1&x=1&type=tts_generate&name=ann");
  expect(after({ type: "training_rvc" })).toBe("/jobs/?host=box1&x=1&job_type=training_rvc");
  expect(after({ type: "" })).toBe("/jobs/?host=box1&x=1");
  expect(after({ status: [] })).toBe(`/jobs/${search}`);
});

test("an address without filters shows all", () => {
  expect(isFiltered(read(""))).toBe(false);
  expect(isFiltered(read("status="))).toBe(false);
  expect(matches(aJob(), read(""), null)).toBe(true);
});

test.each([
  ["status=running", true],
  ["status=lost", false],
  ["status=lost,running", true],
  ["job_type=tts_generate", false],
  ["name=ANT", true],
  ["name=0198f3", true],
  ["name=bert", false],
  ["owner=anna", false],
])("a running job with %s", (query, shown) => {
  expect(matches(aJob(), read(query), null)).toBe(shown);
});

test("a lost job is lost and not running", () => {
  expect(matches(aJob({ lost: true }), read("status=lost"), null)).toBe(true);
  expect(matches(aJob({ lost: true }), read("status=running"), null)).toBe(false);
});

test.each([
  ["1h", NOW - 3_600_000],
  ["7d", NOW - 7 * 86_400_000],
  ["2026-11-24T11:00:00Z", NOW - 3_600_000],
  ["", null],
  ["soon", null],
])("since %s", (text, at) => {
  expect(sinceOf(text, NOW)).toBe(at);
});

test("what runs comes first, then the newest", () => {
  const jobs = [
    aJob({ job_id: "old", status: "succeeded", created_at: "2026-11-24T09:00:00Z" }),
    aJob({ job_id: "new", status: "failed", created_at: "2026-11-24T11:00:00Z" }),
    aJob({ job_id: "waits", status: "queued", created_at: "2026-11-24T11:30:00Z" }),
    aJob({ job_id: "runs", created_at: "2026-11-24T08:00:00Z" }),
  ];
  expect(inOrder(jobs).map((job) => job.job_id)).toEqual(["runs", "waits", "new", "old"]);
});
