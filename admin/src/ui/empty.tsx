import { DeskProblem } from "@mixdesk/client";
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

/** Why a request was not done. Without an answer nobody knows whether the desk took it. */
export function NotDone({ error }: { error: Error }) {
  if (!(error instanceof DeskProblem && error.unreachable))
    return <Failed title="It was not done">{error.message}</Failed>;
  return (
    <Failed title="No answer: it may or may not have been taken">
      {error.message}. Asked again from here, it is not done twice.
    </Failed>
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
