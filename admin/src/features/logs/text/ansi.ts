// Colours of terminals as classes: no sequence reaches the page, and none can hide text.

/** A stretch of plain text with one look. */
export interface Run {
  start: number;
  end: number;
  look: string;
}

export interface Styled {
  plain: string;
  runs: readonly Run[];
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
const NO_RUNS: readonly Run[] = [];
const ESCAPE = "\u001b";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const SGR = /\u001b\[([0-9;:]*)m/g;

interface Pen {
  colour: string;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  marked: boolean;
}

const PLAIN: Pen = { colour: "", bold: false, dim: false, italic: false, underline: false, marked: false };

/** The text of a line without its sequences, and how its parts look. */
export function styled(text: string): Styled {
  if (!text.includes(ESCAPE)) return { plain: text, runs: NO_RUNS };
  const runs: Run[] = [];
  let plain = "";
  let pen = PLAIN;
  let from = 0;
  const take = (part: string) => {
    const look = lookOf(pen);
    if (part && look) runs.push({ start: plain.length, end: plain.length + part.length, look });
    plain += part;
  };
  for (const match of text.matchAll(SGR)) {
    take(text.slice(from, match.index));
    from = match.index + match[0].length;
    pen = turned(pen, codesOf(match[1] ?? ""));
  }
  take(text.slice(from));
  return { plain, runs };
}

/** The text alone. */
export function withoutColours(text: string): string {
  return text.includes(ESCAPE) ? text.replace(SGR, "") : text;
}

function codesOf(text: string): number[] {
  return text.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
}

function lookOf(pen: Pen): string {
  const looks = [
    pen.colour && `ansi-${pen.colour}`,
    pen.bold && "font-semibold",
    pen.dim && "text-soft",
    pen.italic && "italic",
    pen.underline && "underline",
    pen.marked && "ansi-marked",
  ];
  return looks.filter(Boolean).join(" ");
}

function turned(before: Pen, codes: readonly number[]): Pen {
  let pen = before;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, index + 1);
      pen = code === 38 ? { ...pen, colour } : { ...pen, marked: true };
      index += used;
    } else pen = simple(pen, code);
  }
  return pen;
}

function simple(pen: Pen, code: number): Pen {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...pen, bold: true };
  if (code === 2) return { ...pen, dim: true };
  if (code === 3) return { ...pen, italic: true };
  if (code === 4) return { ...pen, underline: true };
  if (code === 7) return { ...pen, marked: true };
  if (code === 22) return { ...pen, bold: false, dim: false };
  if (code === 23) return { ...pen, italic: false };
  if (code === 24) return { ...pen, underline: false };
  if (code === 27 || code === 49) return { ...pen, marked: false };
  if (code === 39) return { ...pen, colour: "" };
  if (code >= 30 && code <= 37) return { ...pen, colour: NAMES[code - 30] ?? "" };
  if (code >= 90 && code <= 97) return { ...pen, colour: NAMES[code - 90] ?? "" };
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return { ...pen, marked: true };
  return pen;
}

/** One of 256 colours, or of 16 million, as the nearest of eight; and how many codes say it. */
function extended(codes: readonly number[], at: number): [colour: string, used: number] {
  if (codes[at] === 2) return [nearest(codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0), 4];
  if (codes[at] !== 5) return ["", 1];
  const number = codes[at + 1] ?? 0;
  if (number < 16) return [NAMES[number % 8] ?? "", 2];
  if (number >= 232) return [number < 244 ? "black" : "white", 2];
  const cube = number - 16;
  const part = (digit: number) => (digit === 0 ? 0 : 55 + digit * 40);
  return [nearest(part(Math.floor(cube / 36)), part(Math.floor(cube / 6) % 6), part(cube % 6)), 2];
}

function nearest(red: number, green: number, blue: number): string {
  const most = Math.max(red, green, blue);
  if (most < 64) return "black";
  const on = (value: number) => (value * 3 > most * 2 ? 1 : 0);
  return NAMES[on(red) + 2 * on(green) + 4 * on(blue)] ?? "";
}
