import { describe, expect, it } from "vitest";
import { hashOf, snippetOf } from "./identity";

describe("the name of a line", () => {
  it("is the same with and without colours, and another for another text", () => {
    expect(hashOf("\u001b[31mred\u001b[0m")).toBe(hashOf("red"));
    expect(hashOf("line 1")).not.toBe(hashOf("line 2"));
    expect(hashOf("")).toMatch(/^[0-9a-f]{8}$/);
  });
  it("comes with words that a search can find", () => {
    expect(snippetOf("\nfirst\nsecond")).toBe("first");
    expect(snippetOf("password=[redacted] user anna signed in")).toBe("user anna signed in");
    expect(snippetOf("y".repeat(500))).toHaveLength(120);
  });
});
