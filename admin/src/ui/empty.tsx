import type { ReactNode } from "react";

/** What stands where there is nothing yet: why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed p-4 text-sm text-soft">
      <p className="font-medium text-ink">{title}</p>
      {children !== undefined && <div className="mt-1 space-y-2">{children}</div>}
    </div>
  );
}

/** Something is on its way: never a spinner without words. */
export function Waiting({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="p-4 text-sm text-soft">
      {children}
    </p>
  );
}

/** Something was refused or failed, in the words of whoever refused. */
export function Failed({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div role="alert" className="rounded-lg border border-bad p-4 text-sm">
      <p className="font-medium text-bad">{title}</p>
      {children !== undefined && <div className="mt-1">{children}</div>}
    </div>
  );
}

/** A command or code to copy. */
export function Code({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <pre tabIndex={0} className="overflow-x-auto rounded-lg bg-raised p-3 font-mono text-sm text-ink">
      {children}
    </pre>
  );
}
