import { describe, expect, it } from "vitest";
import { labelsOf, placesOf, runbookOf, severityOf } from "./alert-words";

describe("the links of an alert", () => {
  it("lead to the job and the asset that it names", () => {
    expect(placesOf({ job_id: "a b", asset: "rvc" }).map((place) => place.href)).toEqual([
      "/jobs/detail/?id=a%20b",
      "/assets/?asset=rvc",
    ]);
    expect(placesOf({ instance: "desk" })).toEqual([]);
  });

  it("lead to runbooks of this desk alone", () => {
    expect(runbookOf({ runbook: "/runbooks/JobLost" })).toBe("/runbooks/JobLost");
    for (const runbook of [
      "//evil.example/runbooks/JobLost",
      "/runbooks/../auth/logout",
      "https://x/runbooks/a",
      null,
    ]) {
      expect(runbookOf({ runbook })).toBeNull();
    }
  });
});

it("shows each label once, by name", () => {
  expect(labelsOf({ labels: { severity: "info", zone: "b", alertname: "X", host: "box" } })).toEqual([
    ["host", "box"],
    ["zone", "b"],
  ]);
});

it("has a plain sign for severities it does not know", () => {
  expect(severityOf("critical")[1]).toBe("bad");
  expect(severityOf("page-the-boss")).toEqual(["·", "plain"]);
  for (const odd of [null, "", "constructor", "__proto__"]) expect(severityOf(odd)).toEqual(["·", "plain"]);
});
