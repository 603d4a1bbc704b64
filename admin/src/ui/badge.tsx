import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const TONES = {
  plain: "border-line text-soft",
  accent: "border-current text-accent",
  good: "border-current text-good",
  warn: "border-current text-warn",
  bad: "border-current text-bad",
};

export type Tone = keyof typeof TONES;

/** A short word about something, in a frame. */
export function Badge({
  tone = "plain",
  className,
  children,
}: {
  tone?: Tone;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1 rounded-md border px-1.5 py-px text-xs font-medium whitespace-nowrap",
        TONES[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
