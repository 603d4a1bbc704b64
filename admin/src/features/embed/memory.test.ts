import { describe, expect, it } from "vitest";
import { memoryOf } from "./memory";

const card = (gpu: number | null, used_mb: number | null) => ({
  gpu,
  uuid: "GPU-1",
  used_mb,
  reserved_mb: 8,
  leaked_mb: 0,
});
const asset = (vram: ReturnType<typeof card>[], vram_usage_mb?: number) => ({
  usage: { vram, started_at: null, uptime_s: null, restarts: 0, exit_code: null, oom_killed: false, jobs: [] },
  metrics: { vram_usage_mb },
});

describe("the GPU memory of an asset", () => {
  it("is the sum of what was measured", () => {
    expect(memoryOf(asset([card(0, 100), card(1, 20), card(2, null)]))).toEqual({
      used: 120,
      reserved: 24,
      cards: "GPU 0, GPU 1, GPU 2",
    });
  });

  it("is not known, rather than none, where nothing was measured", () => {
    expect(memoryOf(asset([card(null, null)]))).toEqual({ used: null, reserved: 8, cards: "GPU-1" });
    expect(memoryOf(asset([]))).toEqual({ used: null, reserved: 0, cards: "" });
    expect(memoryOf(asset([], 5)).used).toBe(5);
  });
});
