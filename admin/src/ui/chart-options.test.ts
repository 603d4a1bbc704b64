import { expect, test } from "vitest";
import { PERCENT } from "./chart-data";
import { clockMarks, optionsOf } from "./chart-options";

const COLOURS = { lines: { accent: "", good: "", warn: "", bad: "", soft: "" }, text: "", grid: "" };
const SECOND_MS = 1000;

test("no two marks of the time axis are in one second, however short it is", () => {
  const { axes } = optionsOf({ unit: PERCENT, series: [], colours: COLOURS, span: undefined, onHover: () => {} }, 9, 9);
  const steps = axes?.[0]?.incrs;
  if (!Array.isArray(steps)) throw new Error("the axis has steps of its own");
  expect(Math.min(...steps)).toBe(SECOND_MS);
  expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
  const marks = clockMarks([0, SECOND_MS, 2 * SECOND_MS]);
  expect(new Set(marks).size).toBe(marks.length);
});
