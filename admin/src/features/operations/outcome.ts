import type { Operation } from "@mixdesk/client";
import { mebibytes } from "@/lib/format";

/** What became of one asset, as the result of its operation has it. */
export interface LegResult {
  readonly seconds: number | null;
  readonly freedMb: number | null;
  readonly leakedMb: number;
}

/** `freed 11.4 GiB; 0.3 GiB did not come back`; null where nothing was freed, or nobody can tell. */
export function freedWords(freedMb: number | null, leakedMb: number): string | null {
  const freed = freedMb === null || freedMb <= 0 ? [] : [`freed ${mebibytes(freedMb)}`];
  const leaked = leakedMb > 0 ? [`${mebibytes(leakedMb)} did not come back`] : [];
  return [...freed, ...leaked].join("; ") || null;
}

/** The memory of all assets of an operation that has ended, in words. */
export function freedBy(operation: Operation): string | null {
  const result = operation.result ?? {};
  return freedWords(numberOf(result.freed_mb), numberOf(result.leaked_mb) ?? 0);
}

/** What became of one asset. */
export function resultOf(operation: Operation, asset: string): LegResult | null {
  const all = operation.result?.assets;
  const found = isRecord(all) ? all[asset] : undefined;
  if (!isRecord(found)) return null;
  return {
    seconds: numberOf(found.seconds),
    freedMb: numberOf(found.freed_mb),
    leakedMb: numberOf(found.leaked_mb) ?? 0,
  };
}

/** The file that a checkpoint left, as the result has it. */
export function savedFile(operation: Operation): string | null {
  const result = operation.result ?? {};
  const found = ["path", "file", "key"].map((name) => result[name]).find((value) => typeof value === "string");
  return typeof found === "string" ? found : null;
}

/** What happened, in a few words: `start rvc`, `save checkpoint of 0198…`. */
export function askedWords(operation: Pick<Operation, "action" | "kind" | "params">): string {
  if (operation.action !== "checkpoint") return operation.action;
  return operation.params.then === "cancel" ? "save and cancel" : "save checkpoint";
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
