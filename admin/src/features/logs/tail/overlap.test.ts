import { describe, expect, it } from "vitest";
import { newOf } from "./overlap";

const fresh = (...texts: string[]) => texts.map((text) => ({ text, level: null }));
const texts = (found: { text: string }[] | null) => found?.map((one) => one.text) ?? null;

describe("what is new after a broken connection", () => {
  it("is all where nothing was there", () => {
    expect(texts(newOf([], fresh("a", "b")))).toEqual(["a", "b"]);
  });
  it("is what comes after the last line that was there", () => {
    expect(texts(newOf(["a", "b", "c"], fresh("b", "c", "d", "e")))).toEqual(["d", "e"]);
    expect(texts(newOf(["b", "c"], fresh("a", "b", "c", "d")))).toEqual(["d"]);
    expect(texts(newOf(["a", "b"], fresh("a", "b")))).toEqual([]);
  });
  it("is not known where no line is the same", () => {
    expect(newOf(["a", "b"], fresh("x", "y"))).toBeNull();
    expect(newOf(["a", "b"], [])).toBeNull();
  });
  it("does not take one equal line for the whole", () => {
    expect(newOf(["a", "b", "tick"], fresh("x", "tick", "y"))).toBeNull();
    expect(texts(newOf(["tick", "a", "tick"], fresh("tick", "a", "tick", "b")))).toEqual(["b"]);
  });
  it("shows no line twice where all are alike", () => {
    expect(texts(newOf(["t", "t", "t"], fresh("t", "t", "t")))).toEqual([]);
  });
  it("goes on within a record that was cut off", () => {
    expect(texts(newOf(["a", "Traceback"], fresh("a", "Traceback\n  File x\nError", "z")))).toEqual([
      "  File x\nError",
      "z",
    ]);
    expect(texts(newOf(["q\n  w", "e"], fresh("  w", "e", "f")))).toEqual(["f"]);
  });
});
