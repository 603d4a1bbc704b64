import { describe, expect, it } from "vitest";
import { aligned, BYTE_RATE, BYTES, inWords, limits, nearest, newest, PERCENT, PLAIN, strokes } from "./chart-data";

const line = (values: (number | null)[]) => ({ name: "cpu", values });

describe("what a chart draws", () => {
  it("has a column a line, and null for what is no number", () => {
    expect(aligned([1, 2, 3], [line([5, null, Number.NaN])], 10)).toEqual([
      [1, 2, 3],
      [5, null, null],
    ]);
  });

  it("breaks where readings are missing", () => {
    expect(aligned([1000, 2000, 30_000], [line([1, 2, 3])], 5000)).toEqual([
      [1000, 2000, 16_000, 30_000],
      [1, 2, null, 3],
    ]);
  });

  it("is null where a line is shorter than the times", () => {
    expect(aligned([1, 2], [line([7])], 10)[1]).toEqual([7, null]);
  });

  it("is nothing without readings", () => {
    expect(aligned([], [line([])], 10)).toEqual([[], []]);
    expect(newest([])).toBeNull();
    expect(nearest([], 5)).toBe(-1);
    expect(strokes([null])).toEqual([]);
  });

  it("finds the reading under the pointer", () => {
    expect(nearest([10, 20, 30], 24)).toBe(1);
  });

  it("is told in words with its units", () => {
    expect(inWords("CPU", [line([1, 42.9])], PERCENT)).toBe("Chart of CPU, newest: cpu 42 %");
    expect(inWords("CPU", [line([null])], PERCENT)).toBe("Chart of CPU, newest: cpu —");
  });
});

describe("the limits of the axis", () => {
  it("are those of percent, whatever comes", () => expect(limits(PERCENT, 20, 30)).toEqual([0, 100]));
  it("begin at zero for sizes and leave air above", () => expect(limits(BYTES, 50, 100)).toEqual([0, 110]));
  it("leave room above next to nothing", () => expect(limits(BYTE_RATE, 0, 10)).toEqual([0, 4096 * 1.1]));
  it("hold a flat line in the middle", () => expect(limits(PLAIN, 2, 2)).toEqual([1.8, 2.2]));
  it("are there without values", () => expect(limits(PLAIN, null, null)).toEqual([-0.1, 1.1]));
});

describe("a small line", () => {
  it("goes from edge to edge", () => expect(strokes([0, 10])).toEqual(["0,100 100,0"]));
  it("breaks at what is missing", () => expect(strokes([0, 1, null, 1, 0])).toHaveLength(2));
  it("keeps to the limits that are given", () => expect(strokes([50, 50], 0, 100)).toEqual(["0,50 100,50"]));
});
