import { describe, expect, it } from "vitest";
import { placed } from "./place";

const box = (left: number, top: number, width = 36, height = 36) => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

describe("where a panel opens", () => {
  it("is below a button at the top, along its nearer edge", () => {
    const room = { width: 1280, height: 800 };
    expect(placed(box(1100, 10), 300, room)).toMatchObject({ left: "836px", top: "52px", width: "300px" });
    expect(placed(box(20, 10), 300, room)).toMatchObject({ left: "20px" });
  });

  it("is above a button at the bottom", () => {
    expect(placed(box(300, 740), 200, { width: 390, height: 800 })).toMatchObject({ bottom: "66px", top: "auto" });
  });

  it("never leaves a phone's screen", () => {
    expect(placed(box(270, 10), 380, { width: 390, height: 800 })).toMatchObject({ left: "8px", width: "374px" });
  });
});
