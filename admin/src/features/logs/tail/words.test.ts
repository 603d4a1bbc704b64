import { describe, expect, it } from "vitest";
import { markWords } from "./words";

describe("what stands between two records", () => {
  it("says what happened, and warns where lines are missing", () => {
    expect(markWords({ kind: "rotated", n: 1, how: "renamed" })).toMatchObject({ tone: "soft" });
    expect(markWords({ kind: "rotated", n: 1, how: "melted" }).text).toBe("rotated: melted");
    expect(markWords({ kind: "gone", n: 1, why: "its container has stopped" })).toEqual({
      text: "its container has stopped",
      tone: "warn",
    });
    expect(markWords({ kind: "seam", n: 1, whole: true }).tone).toBe("soft");
    expect(markWords({ kind: "seam", n: 1, whole: false }).tone).toBe("warn");
  });
  it("tells what is left out at the beginning from what came too fast", () => {
    expect(markWords({ kind: "skipped", n: 1, count: 1, early: false }).text).toContain("1 line left out here");
    expect(markWords({ kind: "skipped", n: 1, count: 1200, early: true }).text).toContain(
      "1,200 lines before this one",
    );
  });
});
