import { describe, expect, it } from "vitest";
import { entriesOf, type NewEntry } from "../src/logs/entries.ts";
import { readFrame } from "../src/logs/frames.ts";
import { rejoin } from "../src/logs/rejoin.ts";
import { LogRing } from "../src/logs/ring.ts";

const entries = (...texts: string[]): NewEntry[] => texts.map((text) => ({ kind: "record", text, level: null }));

function after(before: readonly string[], again: readonly NewEntry[]): string[] | null {
  const ring = new LogRing();
  for (const entry of entries(...before)) ring.push(entry);
  const { whole, fresh } = rejoin(ring, again);
  return whole ? fresh.map((entry) => (entry.kind === "record" ? entry.text : `[${entry.kind}]`)) : null;
}

describe("what is new after a break", () => {
  it("is what comes after the last line that was there", () => {
    expect(after(["a", "b", "c"], entries("b", "c", "d", "e"))).toEqual(["d", "e"]);
    expect(after(["b", "c"], entries("a", "b", "c", "d"))).toEqual(["d"]);
    expect(after(["a", "b"], entries("a", "b"))).toEqual([]);
  });

  it("is not known where no line is the same", () => {
    expect(after(["a", "b"], entries("x", "y"))).toBeNull();
    expect(after(["a", "b"], [])).toBeNull();
    expect(after(["a", "b", "tick"], entries("x", "tick", "y"))).toBeNull();
  });

  it("shows no line twice where all are alike", () => {
    expect(after(["t", "t", "t"], entries("t", "t", "t"))).toEqual([]);
    expect(after(["tick", "a", "tick"], entries("tick", "a", "tick", "b"))).toEqual(["b"]);
  });

  it("goes on within a record that was cut off, and behind one that was longer", () => {
    expect(after(["a", "Traceback"], entries("a", "Traceback\n  File x\nError", "z"))).toEqual([
      "  File x\nError",
      "z",
    ]);
    expect(after(["q\n  w", "e"], entries("  w", "e", "f"))).toEqual(["f"]);
  });

  it("has the marks that stand among the new lines, and not those among the known ones", () => {
    const [skipped, rotated] = [entriesOf({ skipped: 9 }, true), entriesOf({ rotated: "renamed" })];
    const again = [...skipped, ...entries("b", "c"), ...rotated, ...entries("d")];
    expect(after(["a", "b", "c"], again)).toEqual(["[rotated]", "d"]);
  });
});

describe("a frame", () => {
  it("is read with care", () => {
    expect(readFrame({ lines: ["a", 1], levels: ["error", "loud"] })).toEqual({
      lines: ["a", "1"],
      levels: ["error", null],
    });
    expect(readFrame({ skipped: 3 })).toEqual({ skipped: 3 });
    for (const odd of [null, "x", {}, { surprise: 1 }, { skipped: "3" }, { source: 1 }])
      expect(readFrame(odd)).toEqual({});
  });
});
