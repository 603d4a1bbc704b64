import { LogRing } from "@mixdesk/client";
import { describe, expect, it } from "vitest";
import { stillRows } from "../tail/use-rows";
import { Finder, neighbour } from "./finder";

function ringOf(keep?: number) {
  const ring = new LogRing(keep);
  return { ring, add: (text: string) => ring.push({ kind: "record", text, level: null }) };
}

describe("finding among the rows", () => {
  it("finds a text whatever its case and colours, in records alone", () => {
    const { ring, add } = ringOf();
    add("an Err\u001b[31mor\u001b[0m");
    ring.push({ kind: "gone", why: "error in a mark" });
    add("fine");
    const rows = stillRows(ring.entries());
    expect(new Finder("ERROR").look(rows)).toEqual([1]);
    expect(new Finder("").look(rows)).toEqual([]);
  });
  it("goes on where it was, and forgets what was let go", () => {
    const { ring, add } = ringOf(100);
    const finder = new Finder("7");
    for (let n = 1; n <= 500; n += 1) {
      add(`line ${n}`);
      finder.look(stillRows(ring.entries()));
    }
    const rows = stillRows(ring.entries());
    expect(finder.look(rows)).toEqual(new Finder("7").look(rows));
  });
  it("walks around the ends", () => {
    expect(neighbour([3, 7, 9], null, 1)).toBe(3);
    expect(neighbour([3, 7, 9], 7, 1)).toBe(9);
    expect(neighbour([3, 7, 9], 9, 1)).toBe(3);
    expect(neighbour([3, 7, 9], 3, -1)).toBe(9);
    expect(neighbour([], 3, 1)).toBeNull();
  });
});
