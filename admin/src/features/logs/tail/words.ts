// What stands between two records of a log, in words.

const ROTATED: Readonly<Record<string, string>> = {
  renamed: "rotated: the file was renamed, a new one goes on here",
  truncated: "rotated: the file was emptied and goes on here",
  recreated: "the file was made anew and goes on here",
  continued: "the log goes on in a new file",
};

export function rotatedWords(how: string): string {
  return ROTATED[how] ?? `rotated: ${how}`;
}

export function skippedWords(lines: number, live: boolean): string {
  const count = `${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}`;
  return live
    ? `${count} left out here: they came faster than this page could take them. The download has them.`
    : `${count} before this one are too many to send. The download has them.`;
}

export const SEAM_WHOLE = "connected again: no line is missing, none is shown twice";
export const SEAM_TORN = "connected again: lines may be missing here. The download has them.";
