import { describe, expect, it } from "vitest";
import { Ring } from "./ring";

describe("the ring of a tail", () => {
  it("numbers its rows and finds them again", () => {
    const ring = new Ring();
    ring.record("a", null);
    ring.mark("rotated");
    ring.record("b", "error");
    expect(ring.at(2)).toMatchObject({ no: 3, text: "b", level: "error" });
    expect(ring.indexOf(2)).toBe(1);
    expect(ring.indexOf(4)).toBe(-1);
  });
  it("holds the newest rows only, and says how many it let go", () => {
    const ring = new Ring(100);
    for (let n = 1; n <= 1000; n += 1) ring.record(`line ${n}`, null);
    expect(ring.length).toBeLessThanOrEqual(100);
    expect(ring.length).toBeGreaterThanOrEqual(90);
    expect(ring.at(ring.length - 1)?.text).toBe("line 1000");
    expect(ring.letGo + ring.length).toBe(1000);
    expect(ring.indexOf(1)).toBe(-1);
    expect(ring.at(ring.indexOf(1000))?.text).toBe("line 1000");
  });
  it("holds few rows where they are long, and one at least", () => {
    const ring = new Ring(100, 1000);
    for (let n = 0; n < 50; n += 1) ring.record("x".repeat(400), null);
    expect(ring.length).toBeLessThanOrEqual(2);
    ring.record("y".repeat(5000), null);
    expect(ring.length).toBe(1);
  });
  it("says a thing once", () => {
    const ring = new Ring();
    ring.mark("gone");
    ring.mark("gone");
    expect(ring.length).toBe(1);
  });
  it("stands still for who has paused", () => {
    const ring = new Ring();
    ring.record("a", null);
    const frozen = ring.frozen();
    ring.record("b", null);
    expect(frozen).toHaveLength(1);
  });
});
