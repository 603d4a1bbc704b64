import { expect, test } from "vitest";
import { scoresInWords } from "./score-words";

test("scores are sentences, and one that is not known is still shown", () => {
  expect(scoresInWords({ progress_error: 0.05, eta_error_50: 0.042, newer: 0.5 })).toEqual([
    "The percentage was off by 5 points on average.",
    "At half time, its end was told 4 % of its duration wrong.",
    "newer: 0.5000",
  ]);
  expect(scoresInWords(null)).toEqual([]);
});
