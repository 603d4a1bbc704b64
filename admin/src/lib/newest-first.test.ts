import { expect, test } from "vitest";
import { newestFirst } from "./newest-first";

test("the newest comes first, and the order of one moment is settled", () => {
  const of = (id: string, hour: number) => ({ id, created_at: `2026-12-01T0${hour}:00:00Z` });
  const sorted = [of("b", 1), of("a", 2), of("c", 1)].sort(newestFirst(({ id }) => id));
  expect(sorted.map(({ id }) => id)).toEqual(["a", "c", "b"]);
});
