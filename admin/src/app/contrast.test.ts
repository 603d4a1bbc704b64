import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

// WCAG 2.2: the contrast of two colours, from the tokens as they stand in the style sheet
const SHEET = readFileSync(new URL("./globals.css", import.meta.url), "utf-8");
const AA_TEXT = 4.5;
const AA_GRAPHIC = 3;
const LINEAR_BELOW = 0.04045;

const TOKENS = new Map(
  [...SHEET.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name,
    { light, dark },
  ]),
);

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= LINEAR_BELOW ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS = ["ink", "soft", "accent", "good", "warn", "bad"];
const GROUNDS = ["paper", "card", "raised"];

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const of = (name: string): string => {
    const colour = TOKENS.get(name)?.[theme];
    if (colour === undefined) throw new Error(`there is no token --${name}`);
    return colour;
  };

  it.each(TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)))(
    "%s can be read on %s",
    (text, ground) => {
      expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(AA_TEXT);
    },
  );

  it.each([
    ["on-accent", "accent"],
    ["on-bad", "bad"],
  ])("%s can be read on %s", (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(AA_TEXT);
  });

  it.each(GROUNDS)("the edge of a field is seen on %s", (ground) => {
    expect(contrast(of("edge"), of(ground))).toBeGreaterThanOrEqual(AA_GRAPHIC);
  });
});
