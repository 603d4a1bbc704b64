import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A table in a box that scrolls by itself, so that the page never does sideways. `label` says what it lists. */
export function Table({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
      tabIndex={0}
      className={cn("relative overflow-x-auto rounded-xl border bg-card", className)}
    >
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{label}</caption>
        {children}
      </table>
    </section>
  );
}

/** The heading of a column; `hidden` where it is for screen readers alone, as over a column of buttons. */
export function Th({ hidden = false, className, children, ...rest }: ComponentProps<"th"> & { hidden?: boolean }) {
  return (
    <th
      scope="col"
      className={cn("px-3 py-2 text-left text-xs font-medium whitespace-nowrap text-soft", className)}
      {...rest}
    >
      {hidden ? <span className="sr-only">{children}</span> : children}
    </th>
  );
}

export function Tr({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("border-t hover:bg-raised/50", className)} {...rest} />;
}

export function Td({ className, ...rest }: ComponentProps<"td">) {
  return <td className={cn("px-3 py-2 align-middle", className)} {...rest} />;
}
