// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import type { Notice } from "./events";
import { NoticeLog, readTold } from "./notice-log";
import { AT_FIRST, readSwitches } from "./switches";
import { titleHead } from "./tab-title";

const notice = (key: string): Notice => ({ key, kind: "failed", jobId: "j1", name: "anton", at: null, more: null });

describe("the log of the bell", () => {
  beforeEach(() => localStorage.clear());

  it("gives each notice to one tab alone", async () => {
    const [one, other] = [new NoticeLog("anna"), new NoticeLog("anna")];
    expect(await one.add([notice("a"), notice("b")])).toHaveLength(2);
    expect(await other.add([notice("b"), notice("c")])).toEqual([notice("c")]);
    expect(one.kept.get().map((told) => told.key)).toEqual(["c", "b", "a"]);
  });

  it("is each person's own", async () => {
    await new NoticeLog("anna").add([notice("a")]);
    expect(new NoticeLog("ben").kept.get()).toEqual([]);
  });

  it("keeps what was read, and the newest 50", async () => {
    const log = new NoticeLog("anna");
    await log.add(Array.from({ length: 60 }, (_, index) => notice(String(index))));
    log.readAll();
    await log.add([notice("new")]);
    const told = new NoticeLog("anna").kept.get();
    expect(told).toHaveLength(50);
    expect(told.filter((one) => !one.read).map((one) => one.key)).toEqual(["new"]);
  });

  it("leaves out what is no line", () => {
    expect(readTold("nonsense")).toEqual([]);
    expect(readTold('{"a": 1}')).toEqual([]);
    expect(readTold('[1, null, {"key": "a"}]')).toEqual([]);
  });
});

describe("the switches", () => {
  it("are as at first where nothing, or nonsense, was stored", () => {
    for (const text of [null, "", "{", "7", '{"kinds": 7}']) expect(readSwitches(text)).toEqual(AT_FIRST);
  });

  it("are as they were set", () => {
    const set = readSwitches('{"kinds": {"failed": false, "lost": "x", "else": true}, "browser": false}');
    expect(set).toEqual({ kinds: { ...AT_FIRST.kinds, failed: false }, browser: false });
  });
});

describe("the tab's title", () => {
  const job = (name: string, percent: number, created: string, status = "running") =>
    ({ job_id: name, name, status, lost: false, progress_percent: percent, created_at: created }) as never;

  it("has the newest running job, how many more there are, and a mark for what is unread", () => {
    expect(titleHead([], 0)).toBe("");
    expect(titleHead([job("anton", 62.9, "1")], 0, false)).toBe("(? 62 %) anton · ");
    expect(titleHead([job("anton", 62.9, "1")], 0)).toBe("(62 %) anton · ");
    expect(titleHead([job("anton", 62.9, "1"), job("berta", 3, "2"), job("old", 100, "3", "succeeded")], 2)).toBe(
      "● (3 %) berta +1 · ",
    );
  });
});
