import { describe, expect, it } from "vitest";
import { styled } from "./ansi";
import { pieces, spansOf } from "./pieces";

describe("pieces of a line", () => {
  it("are one where there is nothing to show", () => {
    expect(pieces("plain", [], [])).toEqual([{ text: "plain", look: "", found: false }]);
    expect(pieces("", [], [])).toEqual([{ text: "", look: "", found: false }]);
  });
  it("are cut by looks and by what was found, also where these overlap", () => {
    const { plain, runs } = styled("an \u001b[31merror\u001b[0m here");
    const cut = pieces(plain, runs, spansOf(plain, "OR HE"));
    expect(cut.map((piece) => [piece.text, piece.look, piece.found])).toEqual([
      ["an ", "", false],
      ["err", "ansi-red", false],
      ["or", "ansi-red", true],
      [" he", "", true],
      ["re", "", false],
    ]);
    expect(cut.map((piece) => piece.text).join("")).toBe(plain);
  });
});

describe("what is found", () => {
  it("counts each place once, whatever its case", () => {
    expect(spansOf("aAaa", "AA")).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 4 },
    ]);
    expect(spansOf("x", "")).toEqual([]);
  });
  it("stands where it is although a letter grows when it is made small", () => {
    const text = "İİ needle";
    const [span] = spansOf(text, "needle");
    expect(text.slice(span?.start, span?.end)).toBe("needle");
  });
});
