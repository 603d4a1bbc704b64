"use client";

import { useNow } from "@mixdesk/client/react";
import { ago, UNKNOWN } from "@/lib/format";

/** When something was: relative by the desk's clock, the exact time in this browser's zone on hover. */
export function When({ at, className }: { at: string | null | undefined; className?: string }) {
  const now = useNow();
  if (!at) return <span className={className}>{UNKNOWN}</span>;
  return (
    <time dateTime={at} title={exact(at)} className={className}>
      {ago(Date.parse(at), now)}
    </time>
  );
}

/** `2026-12-01 14:03:22 GMT+1`: the exact time with its zone. */
export function exact(at: string): string {
  const zoned = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium" }).format(new Date(at));
  const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" })
    .formatToParts(new Date(at))
    .find((part) => part.type === "timeZoneName");
  return `${zoned} ${zone?.value ?? ""}`.trim();
}
