import type { Finding } from "@mixdesk/client";

export const VERDICTS = {
  broken: { sign: "✘", word: "broken", colour: "text-bad" },
  warning: { sign: "▲", word: "warning", colour: "text-warn" },
  ok: { sign: "✔", word: "ok", colour: "text-good" },
  absent: { sign: "○", word: "not there", colour: "text-soft" },
} as const;

export type Verdict = keyof typeof VERDICTS;

const ORDER: readonly Verdict[] = ["broken", "warning", "ok", "absent"];

/** What is to be done first, then what works, then what is not there and need not be; else as the desk orders them. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));
}

/** One line over all of them. */
export function summary(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const [broken, warned, ok, absent] = ORDER.map(count);
  const troubles = [broken && `${broken} broken`, warned && `${warned} with a warning`].filter(Boolean);
  const rest = `${ok} in order${absent ? `, ${absent} not there and not needed` : ""}`;
  return troubles.length > 0 ? `${troubles.join(", ")}; ${rest}` : `All is well: ${rest}`;
}
