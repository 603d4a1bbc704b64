// Figures as people read them: always with a unit, never more digits than they mean. What is not known is a dash.

export const UNKNOWN = "—";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** Bytes: `1.4 GiB`. */
export function bytes(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return UNKNOWN;
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1023.95 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${(Math.sign(value) * size).toFixed(unit === 0 || size >= 99.95 ? 0 : 1)} ${UNITS[unit]}`;
}

/** MiB, as the fields named `_mb` count: `1.4 GiB`. */
export function mebibytes(value: number | null | undefined): string {
  return bytes(value == null ? value : value * 1024 * 1024);
}

/** Bytes a second: `12.5 MiB/s`. */
export function rate(value: number | null | undefined): string {
  return value == null || !Number.isFinite(value) ? UNKNOWN : `${bytes(value)}/s`;
}

/** Percent, 0 to 100: `42.3 %`. Never rounded up to 100. */
export function percent(value: number | null | undefined, digits = 0): string {
  if (value == null || !Number.isFinite(value)) return UNKNOWN;
  const scale = 10 ** digits;
  return `${(Math.floor(value * scale + 1e-6) / scale).toFixed(digits)} %`;
}

/** Seconds: `48 s`, `12 min`, `3.4 h`, `2.1 d`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return UNKNOWN;
  if (seconds < 1) return "under 1 s";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} d`;
}

/** How long ago, both in milliseconds by the desk: `just now`, `12 s ago`, `in 3 min`. */
export function ago(at: number, now: number): string {
  const seconds = (now - at) / 1000;
  if (Math.abs(seconds) < 2) return "just now";
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

/** A logged number: four digits that mean something, or the word it came as (`NaN`, `Infinity`). */
export function figure(value: number | string): string {
  if (typeof value === "string") return value;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4)
    ? value.toExponential(2)
    : value.toPrecision(4);
}

/** A count with thin spaces: `12 000`. */
export function count(value: number | null | undefined): string {
  return value == null ? UNKNOWN : value.toLocaleString("en").replaceAll(",", "\u202f");
}
