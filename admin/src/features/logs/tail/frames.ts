import type { LogSource } from "@mixdesk/client";
import { isLevel } from "../levels";
import type { Fresh } from "./overlap";

/** One frame of the stream of a log, as docs/logs.md has it. */
export type TailFrame =
  | { kind: "source"; source: LogSource }
  | { kind: "records"; records: Fresh[] }
  | { kind: "partial"; text: string }
  | { kind: "live" }
  | { kind: "skipped"; lines: number }
  | { kind: "rotated"; how: string }
  | { kind: "gone"; why: string };

/** Null for a frame of a kind that this page does not know yet. */
export function readFrame(frame: unknown): TailFrame | null {
  if (typeof frame !== "object" || frame === null) return null;
  const said = frame as Readonly<Record<string, unknown>>;
  if (Array.isArray(said.lines)) return { kind: "records", records: recordsOf(said.lines, said.levels) };
  if (typeof said.partial === "string") return { kind: "partial", text: said.partial };
  if (typeof said.skipped === "number") return { kind: "skipped", lines: said.skipped };
  if (typeof said.rotated === "string") return { kind: "rotated", how: said.rotated };
  if (typeof said.gone === "string") return { kind: "gone", why: said.gone };
  if (said.live === true) return { kind: "live" };
  if (isSource(said.source)) return { kind: "source", source: said.source };
  return null;
}

function recordsOf(lines: readonly unknown[], levels: unknown): Fresh[] {
  const known: readonly unknown[] = Array.isArray(levels) ? levels : [];
  return lines.map((line, index) => {
    const level = known[index];
    return { text: String(line), level: isLevel(level) ? level : null };
  });
}

function isSource(said: unknown): said is LogSource {
  return typeof said === "object" && said !== null && "id" in said && "service" in said;
}
