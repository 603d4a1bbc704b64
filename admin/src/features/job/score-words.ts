import { figure, percent } from "@/lib/format";

const HUNDRED = 100;
const share = (value: number) => percent(value * HUNDRED);
const points = (value: number) => `${figure(Math.round(value * HUNDRED))} points`;

const WORDS: Readonly<Record<string, (value: number) => string>> = {
  progress_error: (value) => `The percentage was off by ${points(value)} on average.`,
  eta_progress_error: (value) => `The time left, as a part of the whole, was off by ${points(value)} on average.`,
  eta_known: (value) => `The time left was known for ${share(value)} of the run.`,
  eta_error_10: (value) => `After a tenth of the run, its end was told ${share(value)} of its duration wrong.`,
  eta_error_50: (value) => `At half time, its end was told ${share(value)} of its duration wrong.`,
  eta_error_90: (value) => `Near the end, after nine tenths, it was ${share(value)} of its duration wrong.`,
};

/** How good the progress and the time left were, in sentences. */
export function scoresInWords(scores: Readonly<Record<string, number>> | null): string[] {
  if (scores === null) return [];
  const known = Object.entries(WORDS).flatMap(([name, words]) => {
    const value = scores[name];
    return value === undefined ? [] : [words(value)];
  });
  const others = Object.entries(scores).filter(([name]) => !(name in WORDS));
  return [...known, ...others.map(([name, value]) => `${name}: ${figure(value)}`)];
}
