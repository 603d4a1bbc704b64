/** Where the target of an operation or of a line of the audit is shown; null where no page shows it. */
export function targetHref(kind: string, target: string): string | null {
  if (kind === "job") return `/jobs/detail/?id=${encodeURIComponent(target)}`;
  if (kind === "asset") return `/assets/?asset=${encodeURIComponent(target)}`;
  return null;
}
