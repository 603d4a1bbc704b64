import type { ReactNode } from "react";

interface PageHeaderProps {
  title: ReactNode;
  /** What stands at the right of the title: actions, a filter, a figure. */
  aside?: ReactNode;
  /** One line under the title. */
  children?: ReactNode;
}

/** The heading of a page, one on each. */
export function PageHeader({ title, aside, children }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold sm:text-2xl tracking-tight wrap-anywhere">{title}</h1>
        {children !== undefined && <div className="mt-1 text-sm text-soft">{children}</div>}
      </div>
      {aside !== undefined && <div className="flex flex-wrap items-center gap-2 text-sm">{aside}</div>}
    </header>
  );
}
