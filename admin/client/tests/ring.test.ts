import { describe, expect, it } from "vitest";
import { entriesOf } from "../src/logs/entries.ts";
import { known, overlap } from "../src/logs/overlap.ts";
import { LogRing } from "../src/logs/ring.ts";

const record = (text: string) => ({ kind: "record", text, level: null }) as const;

describe("the ring of a tail", () => {
  it("keeps running numbers while old entries are let go", () => {
    const ring = new LogRing(3);
    for (const text of ["a", "b", "c", "d", "e"]) ring.push(record(text));
    expect([ring.first, ring.end, ring.length]).toEqual([3, 6, 3]);
    expect(ring.get(2)).toBeUndefined();
    expect(ring.get(3)).toEqual({ ...record("c"), n: 3 });
    expect(ring.get(6)).toBeUndefined();
  });

  it("is bounded by text too, and keeps one entry in any case", () => {
    const ring = new LogRing(100, 10);
    ring.push(record("12345678"));
    ring.push(record("123"));
    expect([ring.first, ring.end]).toEqual([2, 3]);
    ring.push(record("x".repeat(50)));
    expect(ring.length).toBe(1);
  });

  it("numbers go on after it was cleared", () => {
    const ring = new LogRing(4);
    for (const text of ["a", "b"]) ring.push(record(text));
    ring.clear();
    ring.push(record("c"));
    expect([ring.first, ring.end, ring.get(3)]).toEqual([3, 4, { ...record("c"), n: 3 }]);
  });

  it("says a thing once, but counts what was skipped each time", () => {
    const ring = new LogRing(10);
    for (let time = 0; time < 2; time += 1) ring.push({ kind: "gone", why: "its container has stopped" });
    for (let time = 0; time < 2; time += 1) ring.push({ kind: "seam", whole: true });
    ring.push({ kind: "seam", whole: false });
    for (let time = 0; time < 2; time += 1) ring.push({ kind: "skipped", count: 3, early: false });
    expect(ring.entries().map(({ kind }) => kind)).toEqual(["gone", "seam", "seam", "skipped", "skipped"]);
  });

  it("gives its entries as they are: what comes later does not change them", () => {
    const ring = new LogRing(2);
    for (const text of ["a", "b", "c"]) ring.push(record(text));
    const still = ring.entries();
    ring.push(record("d"));
    expect(still.map(({ n }) => n)).toEqual([2, 3]);
  });

  it("takes its newest texts without the marks", () => {
    const ring = new LogRing(10);
    for (const frame of [{ lines: ["a", "b"] }, { skipped: 3 }, { lines: ["c"], levels: ["error" as const] }]) {
      for (const entry of entriesOf(frame)) ring.push(entry);
    }
    expect(ring.newestTexts(2)).toEqual(["b", "c"]);
    expect(ring.get(3)).toEqual({ kind: "skipped", count: 3, early: false, n: 3 });
    expect(ring.get(4)).toEqual({ kind: "record", text: "c", level: "error", n: 4 });
  });
});

describe("where two stretches of a log join", () => {
  it.each([
    ["abc", "bcde", 2],
    ["abc", "abc", 3],
    ["abc", "xyz", 0],
    ["aaaa", "aab", 2],
    ["abcabc", "abcabcd", 6],
    ["abab", "abc", 2],
    ["xabcab", "abcabd", 5],
    ["", "abc", 0],
    ["abc", "", 0],
    ["zzabc", "c", 1],
  ])("%s, then %s: %i", (before, after, known) => {
    expect(overlap([...before], [...after])).toBe(known);
  });

  it("agrees with the plain way on many short logs", () => {
    const letters = (seed: number) => Array.from({ length: seed % 7 }, (_, at) => "ab"[(seed >> at) & 1] ?? "a");
    for (let one = 0; one < 128; one += 1) {
      for (let other = 0; other < 128; other += 1) {
        const [before, after] = [letters(one), letters(other)];
        let most = Math.min(before.length, after.length);
        while (most > 0 && before.slice(-most).join() !== after.slice(0, most).join()) most -= 1;
        expect(overlap(before, after)).toBe(most);
      }
    }
  });

  it.each([
    ["cd", "abcde", 4],
    ["xxcd", "cde", 2],
    ["abc", "abc", 3],
    ["zabc", "abc", 3],
    ["ab", "abxaby", 5],
    ["abc", "xyz", 0],
    ["", "abc", 0],
  ])("what of %2$s was known after %1$s: %3$i", (before, after, there) => {
    expect(known([...before], [...after])).toBe(there);
  });
});
