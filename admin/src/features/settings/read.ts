import { duration } from "@/lib/format";

// `GET /admin/settings` is the settings file as the desk holds it: read with guards, so that a desk of another version
// shows a dash rather than a fault.

export type Settings = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at `server.port`; undefined where there is none. */
export function at(settings: Settings, key: string): unknown {
  return key.split(".").reduce<unknown>((inside, name) => (isRecord(inside) ? inside[name] : undefined), settings);
}

/** A text or number as text; null where it is not set. */
export function text(settings: Settings, key: string): string | null {
  const value = at(settings, key);
  if (typeof value === "string") return value || null;
  return typeof value === "number" ? String(value) : null;
}

export function amount(settings: Settings, key: string): number | null {
  const value = at(settings, key);
  return typeof value === "number" ? value : null;
}

/** A list of texts with commas; null where it is empty. */
export function list(settings: Settings, key: string): string | null {
  const value = at(settings, key);
  return Array.isArray(value) && value.length > 0 ? value.map(String).join(", ") : null;
}

/** The names in a table, or how many entries a list has. */
export function names(settings: Settings, key: string): string[] {
  const value = at(settings, key);
  return isRecord(value) ? Object.keys(value) : [];
}

export function size(settings: Settings, key: string): number {
  const value = at(settings, key);
  return Array.isArray(value) ? value.length : names(settings, key).length;
}

/** A time in seconds, in words. */
export function seconds(of: Settings, key: string): string {
  return duration(amount(of, key));
}
