import { describe, expect, it } from "vitest";
import { styled, withoutColours } from "./ansi";

const E = "\u001b[";
const parts = (text: string) => {
  const { plain, runs } = styled(text);
  return runs.map((run) => [plain.slice(run.start, run.end), run.look]);
};

describe("colours of terminals", () => {
  it("leave a plain line as it is", () => {
    expect(styled("no colour <b>")).toEqual({ plain: "no colour <b>", runs: [] });
  });
  it("become classes on their stretch", () => {
    expect(parts(`a ${E}31mred${E}0m b ${E}1;92mok${E}m`)).toEqual([
      ["red", "ansi-red"],
      ["ok", "ansi-green font-semibold"],
    ]);
  });
  it("are taken back one by one", () => {
    expect(parts(`${E}1;4;33mx${E}22my${E}24;39mz`)).toEqual([
      ["x", "ansi-yellow font-semibold underline"],
      ["y", "ansi-yellow underline"],
    ]);
  });
  it("are brought down to eight", () => {
    expect(parts(`${E}38;5;196mr${E}38;2;10;10;250mb${E}38;5;240mg${E}38;5;9mR`)).toEqual([
      ["r", "ansi-red"],
      ["b", "ansi-blue"],
      ["g", "ansi-black"],
      ["R", "ansi-red"],
    ]);
  });
  it("never hide text: neither concealed nor black on black", () => {
    expect(parts(`${E}8mhidden${E}0m${E}30;40mdark`)).toEqual([["dark", "ansi-black ansi-marked"]]);
    expect(styled(`${E}8mhidden`).plain).toBe("hidden");
  });
  it("go from what is copied", () => {
    expect(withoutColours(`${E}31mred${E}0m`)).toBe("red");
  });
});
