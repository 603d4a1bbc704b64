import type { Gpu } from "@mixdesk/client";
import { expect, test } from "vitest";
import { anAsset } from "./an-asset";
import { cardsOf, sum } from "./vram";

const TOTAL_MB = 10_000;
const gpu = (used: number | null, free: number | null): Gpu => ({
  index: 0,
  uuid: "A",
  name: "Stand-in",
  utilization_percent: 3,
  vram_used_mb: used,
  vram_total_mb: TOTAL_MB,
  vram_free_mb: free,
  temperature_c: null,
});
const asset = (id: string, used: number | null, reserved: number) =>
  anAsset(id, {
    usage: {
      ...anAsset(id).usage,
      vram: [{ gpu: 0, uuid: "A", used_mb: used, reserved_mb: reserved, leaked_mb: 0 }],
    },
  });
const amounts = (one: Gpu, ...assets: ReturnType<typeof asset>[]) =>
  cardsOf([one], assets)[0]?.pieces.map(({ kind, mb }) => `${kind} ${mb}`);

test("what the driver keeps is not free, and neither is what is promised", () => {
  expect(amounts(gpu(3000, 6500), asset("rvc", 3000, 3500))).toEqual([
    "used 3000",
    "promised 500",
    "driver 500",
    "free 6000",
  ]);
});

test("a driver that does not say what is free has all the rest free", () => {
  expect(amounts(gpu(3000, null))).toEqual(["others 3000", "free 7000"]);
});

test.each([
  [8000, 2000],
  [8000, 1500],
  [0, 10_000],
  [10_000, 0],
])("the bar is the whole card with %d used and %d free, whatever was promised", (used, free) => {
  const [card] = cardsOf([gpu(used, free)], [asset("a", null, 6000), asset("b", 0, 1000)]);
  expect(sum(card?.pieces ?? [])).toBe(TOTAL_MB);
  expect(card?.hidden).toEqual(["a"]);
});

test("what is not told counts by what is known to be held", () => {
  expect(amounts(gpu(null, null), asset("rvc", 3000, 0))).toEqual(["used 3000", "free 7000"]);
});
