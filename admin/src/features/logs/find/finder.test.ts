import { describe, expect, it } from "vitest";
import { Ring } from "../tail/ring";
import { Finder, neighbour } from "./finder";

describe("finding among the rows", () => {
  it("finds a text whatever its case and colours, in records alone", () => {
    const ring = new Ring();
    ring.record("an Err\u001b[31mor\u001b[0m", null);
    ring.mark("error in a mark");
    ring.record("fine", null);
    expect(new Finder("ERROR").look(ring)).toEqual([1]);
    expect(new Finder("").look(ring)).toEqual([]);
  });
  it("goes on where it was, and forgets what was let go", () => {
    const ring = new Ring(100);
    const finder = new Finder("7");
    for (let n = 1; n <= 500; n += 1) {
      ring.record(`line ${n}`, null);
      finder.look(ring);
    }
    expect(finder.look(ring)).toEqual(new Finder("7").look(ring));
  });
  it("walks around the ends", () => {
    expect(neighbour([3, 7, 9], null, 1)).toBe(3);
    expect(neighbour([3, 7, 9], 7, 1)).toBe(9);
    expect(neighbour([3, 7, 9], 9, 1)).toBe(3);
    expect(neighbour([3, 7, 9], 3, -1)).toBe(9);
    expect(neighbour([], 3, 1)).toBeNull();
  });
});
