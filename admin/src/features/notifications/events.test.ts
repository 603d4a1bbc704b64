import type { Checkpoint, Job } from "@mixdesk/client";
import { describe, expect, it } from "vitest";
import { noticesOf } from "./events";
import { Seen } from "./watch";

const OPENED = Date.parse("2026-12-01T12:00:00Z");
const BEFORE = "2026-12-01T11:59:00Z";
const LATER = "2026-12-01T12:00:10Z";

const RUNNING = {
  job_id: "j1",
  name: "anton",
  status: "running",
  lost: false,
  checkpoints: [],
  details: { checkpoint_status: "idle", checkpoint_error: null, last_checkpoint_at: null },
  desired: { generation: 0, run: { state: "running", generation: 0 }, checkpoint: null },
  last_report_at: LATER,
  completed_at: null,
  error: null,
} as unknown as Job;

const job = (change: Partial<Job>): Job => ({ ...RUNNING, ...change });
const file = (change: Partial<Checkpoint> = {}): Checkpoint => ({
  path: "/runs/anton-e2.pth",
  epoch: 2,
  step: 100,
  size: 1,
  hash: "00",
  saved_at: LATER,
  verified: true,
  reason: "requested",
  ...change,
});
const kinds = (before: Job | undefined, after: Job) => noticesOf(before, after, OPENED).map((one) => one.kind);

describe("what happened to a job between two looks", () => {
  it.each(["succeeded", "failed", "canceled"] as const)("tells once that it %s", (status) => {
    const after = job({ status, completed_at: LATER });
    expect(kinds(RUNNING, after)).toEqual([status]);
    expect(kinds(after, { ...after, revision: 9 })).toEqual([]);
  });

  it("says why it failed", () => {
    expect(noticesOf(RUNNING, job({ status: "failed", error: "CUDA out of memory" }), OPENED)[0]).toMatchObject({
      name: "anton",
      more: "CUDA out of memory",
    });
  });

  it("tells each loss, and not again while it lasts", () => {
    const lost = job({ lost: true });
    expect(kinds(RUNNING, lost)).toEqual(["lost"]);
    expect(kinds(lost, { ...lost, revision: 9 })).toEqual([]);
    const second = noticesOf(RUNNING, job({ lost: true, last_report_at: "2026-12-01T13:00:00Z" }), OPENED);
    expect(second[0]?.key).not.toBe(noticesOf(RUNNING, lost, OPENED)[0]?.key);
  });

  it("tells a requested checkpoint from one that nobody asked for, by the name of its file", () => {
    const after = job({ checkpoints: [file(), file({ path: "/runs/b.pth", reason: "automatic" })] });
    expect(noticesOf(RUNNING, after, OPENED)).toMatchObject([
      { kind: "saved", more: "anton-e2.pth" },
      { kind: "autosaved", more: "b.pth" },
    ]);
  });

  it("does not tell of an older file that shows up where a newer one was deleted", () => {
    expect(
      kinds(job({ checkpoints: [file()] }), job({ checkpoints: [file({ path: "/a.pth", saved_at: BEFORE })] })),
    ).toEqual([]);
  });

  it("tells a failed save with its reason, once", () => {
    const failed = job({ details: { ...RUNNING.details, checkpoint_status: "failed", checkpoint_error: "disk full" } });
    expect(noticesOf(RUNNING, failed, OPENED)).toMatchObject([{ kind: "save_failed", more: "disk full" }]);
    expect(kinds(failed, { ...failed, revision: 9 })).toEqual([]);
  });

  it("tells of a job that was not seen before only what happened since the page was opened", () => {
    expect(kinds(undefined, job({ status: "succeeded", completed_at: BEFORE }))).toEqual([]);
    expect(kinds(undefined, job({ status: "succeeded", completed_at: LATER }))).toEqual(["succeeded"]);
    expect(kinds(undefined, job({ checkpoints: [file({ saved_at: BEFORE })] }))).toEqual([]);
  });
});

describe("a page that watches", () => {
  const of = (...jobs: Job[]) => new Map(jobs.map((one) => [one.job_id, one]));

  it("is silent about what there is at first, and about a stream that is sent anew", () => {
    const seen = new Seen(OPENED);
    const done = job({ status: "succeeded", completed_at: BEFORE });
    expect(seen.look(of(done))).toEqual([]);
    expect(seen.look(of())).toEqual([]);
    expect(seen.look(of({ ...done }))).toEqual([]);
  });

  it("tells after a gap what happened meanwhile", () => {
    const seen = new Seen(OPENED);
    seen.look(of(RUNNING));
    seen.look(of());
    expect(seen.look(of(job({ status: "failed", completed_at: LATER })))).toMatchObject([{ kind: "failed" }]);
  });
});
