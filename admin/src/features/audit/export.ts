import type { AuditLine } from "@mixdesk/client";

const COLUMNS = ["id", "at", "actor", "via", "action", "target", "origin", "operation", "outcome", "detail"] as const;
// at the beginning, and after what a spreadsheet of another locale may take for the end of a cell
const FORMULA = /(^|[;\t\r\n])(?=[=+\-@\t\r])/g;

/** Lines as CSV of RFC 4180, with a heading. */
export function asCsv(lines: readonly AuditLine[]): string {
  const rows = lines.map((line) => COLUMNS.map((column) => cell(line[column])).join(","));
  return `${[COLUMNS.join(","), ...rows].join("\r\n")}\r\n`;
}

export function asJson(lines: readonly AuditLine[]): string {
  return `${JSON.stringify(lines, null, 2)}\n`;
}

/** A text that a spreadsheet would take for a formula is led by an apostrophe: targets and reasons come from outside. */
function cell(value: string | number | null): string {
  const text = value === null ? "" : String(value);
  const safe = text.replace(FORMULA, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hands a text to the browser as a file to keep. */
export function keep(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // not at once: the download has yet to begin
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
