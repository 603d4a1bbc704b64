// What a chart draws, apart from how: times in milliseconds by the desk's clock, values with null where nothing is known.

import { bytes, figure, mebibytes, percent, rate, UNKNOWN } from "@/lib/format";

export type Values = readonly (number | null)[];
export type ChartColour = "accent" | "good" | "warn" | "bad" | "soft";

export interface ChartSeries {
  name: string;
  values: Values;
  /** Left out: one after the other. The second and later lines are dashed too, so that colour is never alone. */
  colour?: ChartColour;
}

/** How the values of an axis are written, and which steps its marks may take. */
export interface ChartUnit {
  format: (value: number | null) => string;
  steps?: readonly number[];
  /** The axis begins here and ends there, whatever the values. */
  least?: number;
  most?: number;
  /** The axis reaches at least so far, so that next to nothing does not look like much. */
  room?: number;
}

const KIB = 1024;
const BINARY_STEPS = Array.from({ length: 45 }, (_, power) => 2 ** power);
const PERCENT_STEPS = [1, 5, 10, 25, 50];

export const PERCENT: ChartUnit = { format: (value) => percent(value), steps: PERCENT_STEPS, least: 0, most: 100 };
export const BYTES: ChartUnit = { format: bytes, steps: BINARY_STEPS, least: 0 };
export const MEBIBYTES: ChartUnit = { format: mebibytes, steps: BINARY_STEPS, least: 0 };
export const BYTE_RATE: ChartUnit = { format: rate, steps: BINARY_STEPS, least: 0, room: 4 * KIB };
export const CELSIUS: ChartUnit = {
  format: (value) => (value === null ? UNKNOWN : `${Math.round(value)} °C`),
  least: 0,
};
export const PLAIN: ChartUnit = { format: (value) => (value === null ? UNKNOWN : figure(value)) };

export const PALETTE: readonly ChartColour[] = ["accent", "warn", "good", "bad", "soft"];
export const DASHES: readonly (readonly number[])[] = [[], [5, 3], [2, 2], [8, 3, 2, 3]];

export function colourOf(series: ChartSeries, place: number): ChartColour {
  return series.colour ?? PALETTE[place % PALETTE.length] ?? "accent";
}

export function dashOf(place: number): readonly number[] {
  return DASHES[place % DASHES.length] ?? [];
}

export type Aligned = [times: number[], ...lines: (number | null)[][]];

/** The columns to draw. Where more than `gap` milliseconds lie between two readings, the line is broken. */
export function aligned(times: readonly number[], series: readonly ChartSeries[], gap: number): Aligned {
  const columns: Aligned = [[], ...series.map(() => [] as (number | null)[])];
  const [xs, ...lines] = columns;
  let before: number | undefined;
  times.forEach((time, at) => {
    if (before !== undefined && time - before > gap) {
      xs.push((before + time) / 2);
      for (const line of lines) line.push(null);
    }
    xs.push(time);
    lines.forEach((line, place) => {
      const value = series[place]?.values[at];
      line.push(value === undefined || value === null || !Number.isFinite(value) ? null : value);
    });
    before = time;
  });
  return columns;
}

/** The newest value of a line; null where the newest reading has none. */
export function newest(values: Values): number | null {
  return values.at(-1) ?? null;
}

/** The place of the reading that is nearest to a time; -1 where there is none. */
export function nearest(times: readonly number[], time: number): number {
  let best = -1;
  let distance = Number.POSITIVE_INFINITY;
  times.forEach((one, at) => {
    if (Math.abs(one - time) < distance) {
      distance = Math.abs(one - time);
      best = at;
    }
  });
  return best;
}

/** What a screen reader says of a chart: its title and the newest values. */
export function inWords(title: string, series: readonly ChartSeries[], unit: ChartUnit): string {
  const values = series.map(({ name, values }) => `${name} ${unit.format(newest(values))}`);
  return `Chart of ${title}, newest: ${values.join(", ")}`;
}

/** The limits of the y axis: those of the unit, else the values with some air. */
export function limits(unit: ChartUnit, low: number | null, high: number | null): [number, number] {
  const least = unit.least ?? low ?? 0;
  const most = unit.most ?? Math.max(high ?? 1, unit.room ?? Number.NEGATIVE_INFINITY);
  if (unit.most !== undefined) return [least, most];
  const air = (most - least) * 0.1 || Math.abs(most) * 0.1 || 1;
  return [unit.least === undefined ? least - air : least, most + air];
}

/** The points of a small line in a box of 100 by 100, broken where values are missing. */
export function strokes(values: Values, low?: number, high?: number): string[] {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return [];
  const bottom = low ?? Math.min(...known);
  const range = (high ?? Math.max(...known)) - bottom || 1;
  const step = 100 / Math.max(1, values.length - 1);
  const lines: string[][] = [[]];
  values.forEach((value, at) => {
    if (value === null || !Number.isFinite(value)) lines.push([]);
    else lines.at(-1)?.push(`${round(at * step)},${round(100 - ((value - bottom) / range) * 100)}`);
  });
  return lines.filter((line) => line.length > 1).map((line) => line.join(" "));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
