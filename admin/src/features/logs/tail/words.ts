import type { LogMark } from "@mixdesk/client";

// What stands between two records of a log, in words.

export interface MarkWords {
  text: string;
  tone: "soft" | "warn";
}

const ROTATED: Readonly<Record<string, string>> = {
  renamed: "rotated: the file was renamed, a new one goes on here",
  truncated: "rotated: the file was emptied and goes on here",
  recreated: "the file was made anew and goes on here",
  continued: "the log goes on in a new file",
};
const SEAM_WHOLE = "connected again: no line is missing, none is shown twice";
const SEAM_TORN = "connected again: lines may be missing here. The download has them.";

export function markWords(mark: LogMark): MarkWords {
  if (mark.kind === "rotated") return { text: ROTATED[mark.how] ?? `rotated: ${mark.how}`, tone: "soft" };
  if (mark.kind === "gone") return { text: mark.why, tone: "warn" };
  if (mark.kind === "skipped") return { text: skippedWords(mark.count, mark.early), tone: "warn" };
  return mark.whole ? { text: SEAM_WHOLE, tone: "soft" } : { text: SEAM_TORN, tone: "warn" };
}

function skippedWords(lines: number, early: boolean): string {
  const count = `${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}`;
  return early
    ? `${count} before this one are too many to send. The download has them.`
    : `${count} left out here: they came faster than this page could take them. The download has them.`;
}
