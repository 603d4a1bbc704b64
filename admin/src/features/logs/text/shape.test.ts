import { describe, expect, it } from "vitest";
import { mayFold, SHOWN_LETTERS, shapeOf } from "./shape";

describe("the shape of a record", () => {
  it("is a line", () => {
    expect(shapeOf("hello")).toMatchObject({ head: "hello", kind: "line", lines: ["hello"] });
  });
  it("is a block that shows its first and its last line", () => {
    const text = "Traceback (most recent call last):\n  File x\nValueError: no";
    expect(shapeOf(text)).toMatchObject({ kind: "block", tail: "ValueError: no" });
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
  it("may be unfolded where it has something to unfold, as far as a glance tells", () => {
    for (const text of ["a\nb", '{"a":1,"b":2}', '\u001b[32m{"a":1}', "x".repeat(8192)])
      expect(mayFold(text)).toBe(true);
    for (const text of ["a", "\u001b[31mred", ""]) expect(mayFold(text)).toBe(false);
  });
});

describe("JSON that is made to be dear", () => {
  it("stays a line: its indented form grows with the square of its depth", () => {
    const deep = `{"a":${"[".repeat(3000)}${"]".repeat(3000)}}`;
    expect(shapeOf(deep)).toMatchObject({ kind: "long", lines: [deep] });
    expect(shapeOf(`{"a":[${"1,".repeat(2000)}1]}`).lines).toHaveLength(1);
  });

  it("is judged by its marks: texts may hold many", () => {
    expect(shapeOf(`{"text": "${"a, ".repeat(300)}", "level": "info"}`).kind).toBe("json");
  });
});
