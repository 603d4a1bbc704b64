import type uPlot from "uplot";
import { type ChartSeries, type ChartUnit, colourOf, dashOf, limits } from "./chart-data";
import type { ChartColours } from "./chart-theme";

const FONT = '11px system-ui, -apple-system, "Segoe UI", sans-serif';
const LINE_PX = 1.5;
const Y_AXIS_PX = 62;
const X_AXIS_PX = 24;
const X_LABEL_PX = 80;
const HALF_X_LABEL_PX = 28;
const Y_LABEL_PX = 30;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SHORT_MS = 30 * MINUTE_MS;
/** No mark stands between two seconds: a clock would show the same twice. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 3, 5, 7, 14, 30, 90, 365].map((days) => days * DAY_MS),
];

export interface Look {
  unit: ChartUnit;
  series: readonly ChartSeries[];
  colours: ChartColours;
  /** How much of the time before the newest reading is shown, in milliseconds; all of it where left out. */
  span: number | undefined;
  onHover: (time: number | null) => void;
}

/** Marks of the time axis in the browser's zone: seconds for minutes, minutes for hours, days beyond. */
export function clockMarks(splits: readonly number[]): string[] {
  const range = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const parts: Intl.DateTimeFormatOptions =
    range > DAY_MS
      ? { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }
      : { hour: "2-digit", minute: "2-digit", ...(range < SHORT_MS ? { second: "2-digit" } : {}) };
  const written = new Intl.DateTimeFormat("sv-SE", parts);
  return splits.map((time) => written.format(time));
}

export function optionsOf(
  { unit, series, colours, span, onHover }: Look,
  width: number,
  height: number,
): uPlot.Options {
  const axis = { stroke: colours.text, font: FONT, ticks: { show: false }, grid: { stroke: colours.grid, width: 1 } };
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    padding: [6, HALF_X_LABEL_PX, 0, 0],
    scales: {
      x: {
        time: true,
        range: (_, low, high) => [span === undefined ? (low ?? 0) : (high ?? 0) - span, high ?? 0],
      },
      y: { range: (_, low, high) => limits(unit, low, high) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: X_AXIS_PX,
        space: X_LABEL_PX,
        incrs: TIME_STEPS,
        values: (_, splits) => clockMarks(splits),
      },
      {
        ...axis,
        size: Y_AXIS_PX,
        space: Y_LABEL_PX,
        values: (_, splits) => splits.map((split) => unit.format(split)),
        ...(unit.steps === undefined ? {} : { incrs: [...unit.steps] }),
      },
    ],
    series: [
      {},
      ...series.map((one, place) => ({
        stroke: colours.lines[colourOf(one, place)],
        width: LINE_PX,
        dash: [...dashOf(place)],
        spanGaps: false,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [({ cursor, data }) => onHover(cursor.idx == null ? null : (data[0][cursor.idx] ?? null))],
    },
  };
}
