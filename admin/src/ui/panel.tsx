import { type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

interface PanelProps {
  title?: ReactNode;
  /** What stands at the right of the title. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Panel({ title, aside, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={title === undefined ? undefined : id}
      className={cn("min-w-0 rounded-xl border bg-card p-4", className)}
    >
      {title !== undefined && (
        <header className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {aside !== undefined && <div className="text-sm text-soft">{aside}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
