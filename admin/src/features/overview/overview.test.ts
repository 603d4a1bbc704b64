import { describe, expect, it } from "vitest";
import { disksOf, hostSeries } from "./host-series";
import { activeJobs, endedJobs } from "./job-order";
import { foundIn, headOf } from "./newest-errors";
import { gpu, job, reading } from "./overview.test-data";

const MIB = 1024 * 1024;

describe("the readings of a host", () => {
  it("become columns of one length", () => {
    const series = hostSeries([reading(), reading({ timestamp: "2026-12-01T12:00:01Z" })]);
    expect(series.times[1]).toBe(Date.parse("2026-12-01T12:00:01Z"));
    expect([series.cpu, series.memory, series.received, series.sent].map((column) => column.length)).toEqual([
      2, 2, 2, 2,
    ]);
  });

  it("have a gap where a device was not told of, and null for what its driver does not say", () => {
    const { gpus } = hostSeries([reading(), reading({ gpus: [gpu("A", null)] }), reading({ gpus: [gpu("A", 3)] })]);
    expect(gpus[0]?.memory).toEqual([null, null, 3 * MIB]);
    expect(gpus[0]?.utilization).toEqual([null, 50, 50]);
  });

  it("are nothing before the first", () => expect(hostSeries([])).toMatchObject({ times: [], gpus: [] }));

  it("list the fullest disk first, and none without a size", () => {
    const disk = [
      { mount: "/", used_bytes: 1, total_bytes: 10 },
      { mount: "/data", used_bytes: 9, total_bytes: 10 },
      { mount: "/proc", used_bytes: 0, total_bytes: 0 },
    ];
    expect(disksOf({ disk }).map((one) => `${one.mount} ${one.percent}`)).toEqual(["/data 90", "/ 10"]);
  });
});

describe("jobs", () => {
  it("come with what moves first", () => {
    const jobs = [job("q", { status: "queued" }), job("l", { lost: true }), job("r"), job("f", { status: "failed" })];
    expect(activeJobs(jobs).map((one) => one.job_id)).toEqual(["r", "l", "q"]);
  });

  it("that ended come newest first, a few", () => {
    const ended = (id: string, at: string) => job(id, { status: "succeeded", completed_at: at });
    expect(
      endedJobs([ended("a", "2026-01-01"), ended("c", "2026-03-01"), ended("b", "2026-02-01"), job("r")], 2),
    ).toMatchObject([{ job_id: "c" }, { job_id: "b" }]);
  });
});

describe("the newest errors", () => {
  it("are read line by line, and the last line says why there may be more", () => {
    const lines = [
      '{"service":"api","source":"error","file":"x","time":null,"level":"error","text":"boom\\n  at y"}',
      '{"searched_bytes": 5, "cut": "the limit"}',
      '{"service": "ap',
    ];
    expect(foundIn(lines.join("\n"))).toEqual({
      hits: [{ service: "api", source: "error", file: "x", time: null, level: "error", text: "boom\n  at y" }],
      cut: "the limit",
    });
  });

  it("are none in an empty answer", () => expect(foundIn("")).toEqual({ hits: [], cut: null }));
  it("show their first line", () => expect(headOf("boom\n  at y\n")).toEqual({ head: "boom", more: 1 }));
  it("show the message of a line that is JSON", () => {
    expect(headOf('{"time": "2026", "level": "error", "msg": "no room"}')).toEqual({ head: "no room", more: 0 });
    expect(headOf('{"code": 5}')).toEqual({ head: '{"code": 5}', more: 0 });
  });
});
