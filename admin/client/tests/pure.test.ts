import { describe, expect, it } from "vitest";
import { DeskClock } from "../src/clock.ts";
import { DeskProblem, isProblem, problemOf, unwrap } from "../src/problem.ts";
import { isOver, may, shownStatus } from "../src/status.ts";
import { Backoff } from "../src/streams/backoff.ts";
import { joined } from "../src/streams/metrics.ts";
import { same } from "../src/streams/same.ts";
import type { SystemMetrics } from "../src/types.ts";

describe("pauses between attempts", () => {
  it("double up to the longest, and begin anew", () => {
    const backoff = new Backoff(250, 2000, () => 1);
    expect(Array.from({ length: 5 }, () => backoff.next())).toEqual([250, 500, 1000, 2000, 2000]);
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });

  it("are never all the same: between half and all of it", () => {
    expect(new Backoff(250, 2000, () => 0).next()).toBe(125);
  });
});

describe("readings", () => {
  const reading = (second: number, used = 0): SystemMetrics => ({
    host: "box1",
    hosts: ["box1"],
    cpu: { usage_percent: used, load_avg: [0, 0, 0], cores: [] },
    memory: { used_bytes: 0, total_bytes: 0, swap_used_bytes: 0, swap_total_bytes: 0 },
    disk: [],
    network: { rx_bytes_per_sec: 0, tx_bytes_per_sec: 0 },
    gpus: [],
    timestamp: new Date(1e12 + second * 1000).toISOString(),
  });
  const seconds = (readings: readonly SystemMetrics[]) =>
    readings.map(({ timestamp }) => (Date.parse(timestamp) - 1e12) / 1000);

  it("come in once where a history is sent again, and gaps stay gaps", () => {
    const before = [1, 2, 3].map((second) => reading(second));
    const again = [2, 3, 4, 9, 10].map((second) => reading(second));
    expect(seconds(joined(before, again))).toEqual([1, 2, 3, 4, 9, 10]);
  });

  it("are in order, whatever the order they come in", () => {
    expect(seconds(joined([], [reading(3), reading(1)]))).toEqual([1, 3]);
    expect(seconds(joined([reading(5)], [reading(4)]))).toEqual([4, 5]);
    expect(seconds(joined([reading(5)], [reading(6)]))).toEqual([5, 6]);
    expect(seconds(joined([reading(5)], []))).toEqual([5]);
  });
});

describe("problems", () => {
  const response = (status: number) => new Response(null, { status });

  it("have the desk's words and what a refusal adds", async () => {
    const asked = unwrap(
      Promise.resolve({ error: { title: "Conflict", detail: "it runs", holders: [1] }, response: response(409) }),
    );
    await expect(asked).rejects.toMatchObject({ status: 409, message: "it runs", body: { holders: [1] } });
  });

  it("are told from the silence of a desk that is not there", async () => {
    const problem = await unwrap(Promise.reject(new TypeError("fetch failed"))).catch((cause: unknown) => cause);
    expect(isProblem(problem, 0)).toBe(true);
    expect(isProblem(new TypeError("x"))).toBe(false);
    const own = new DeskProblem(401, "", "ended");
    await expect(unwrap(Promise.reject(own))).rejects.toBe(own);
  });

  it("are problems whatever the body is", () => {
    expect(problemOf(502, "<html>").message).toBe("the desk answered 502");
    expect(problemOf(500, null).status).toBe(500);
  });
});

describe("small things", () => {
  it("tells whether two values say the same", () => {
    const job = { a: 1, b: [{ c: null }, "x"] };
    expect(same(job, { b: [{ c: null }, "x"], a: 1 })).toBe(true);
    expect(same(job, { a: 1, b: [{ c: 0 }, "x"] })).toBe(false);
    expect(same(job, { a: 1 })).toBe(false);
    expect(same({ a: undefined }, { b: undefined })).toBe(false);
    expect(same([], {})).toBe(false);
    expect(same(null, {})).toBe(false);
  });

  it("knows roles, ends and what is lost", () => {
    expect(may({ roles: ["operator"] }, "viewer")).toBe(true);
    expect(may({ roles: ["operator"] }, "admin")).toBe(false);
    expect(may({ roles: ["admin"] }, "reporter")).toBe(false);
    expect(may(null, "viewer")).toBe(false);
    expect(isOver({ state: "moot" })).toBe(true);
    expect(isOver({ state: "running" })).toBe(false);
    expect(shownStatus({ status: "running", lost: true })).toBe("lost");
  });

  it("shows the desk's time whatever the browser's clock says", () => {
    let browser = 0;
    const clock = new DeskClock(() => browser);
    clock.heard("1970-01-01T01:00:00.050Z", 0, 100);
    browser = 1000;
    expect(clock.now()).toBe(3_601_000);
    clock.heard("nonsense", 0, 1);
    expect(clock.offset).toBe(3_600_000);
  });
});
