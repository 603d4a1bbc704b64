import { describe, expect, it } from "vitest";
import { heightOf, SHOWN_LETTERS, shapeOf } from "./shape";

describe("the shape of a record", () => {
  it("is a line", () => {
    expect(shapeOf("hello")).toMatchObject({ head: "hello", kind: "line", lines: ["hello"] });
  });
  it("is a block that shows its first and its last line", () => {
    const text = "Traceback (most recent call last):\n  File x\nValueError: no";
    expect(shapeOf(text)).toMatchObject({ kind: "block", tail: "ValueError: no" });
    expect(heightOf(text, true)).toBe(3);
    expect(heightOf(text, false)).toBe(1);
  });
  it("is JSON only where it is an object", () => {
    expect(shapeOf('{"level":"error","n":{"a":1}}').lines).toEqual([
      "{",
      '  "level": "error",',
      '  "n": {',
      '    "a": 1',
      "  }",
      "}",
    ]);
    expect(shapeOf("{not json}").kind).toBe("line");
    expect(shapeOf("{}").kind).toBe("line");
    expect(shapeOf("[1, 2]").kind).toBe("line");
  });
  it("is a long line, of which the beginning is shown", () => {
    const shape = shapeOf("x".repeat(8192));
    expect(shape.kind).toBe("long");
    expect(shape.head).toHaveLength(SHOWN_LETTERS + 2);
  });
});
