import type { KeyboardEvent } from "react";

type Step = (at: number, count: number) => number;

const forth: Step = (at, count) => (at + 1) % count;
const back: Step = (at, count) => (at + count - 1) % count;
const ends: Record<string, Step> = { Home: () => 0, End: (_, count) => count - 1 };

const KEYS: Record<"row" | "column", Record<string, Step>> = {
  row: { ArrowRight: forth, ArrowLeft: back, ...ends },
  column: { ArrowDown: forth, ArrowUp: (at, count) => back(Math.max(0, at), count), ...ends },
};

/** Which of its parts the focus goes to by this key; undefined where the key is none of these. */
export function walked(
  event: KeyboardEvent<HTMLElement>,
  selector: string,
  along: "row" | "column",
): HTMLElement | undefined {
  const step = KEYS[along][event.key];
  if (step === undefined) return undefined;
  const parts = [...event.currentTarget.querySelectorAll<HTMLElement>(`${selector}:not(:disabled)`)];
  const at = parts.findIndex((part) => part.contains(document.activeElement));
  const next = parts[step(at, parts.length)];
  if (next === undefined) return undefined;
  event.preventDefault();
  next.focus();
  return next;
}
