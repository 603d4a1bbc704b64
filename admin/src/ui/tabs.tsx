"use client";

import { createContext, type ReactNode, useContext, useId } from "react";
import { cn } from "@/lib/cn";
import { walked } from "./walk";

interface TabsContext {
  id: string;
  value: string;
  choose: (value: string) => void;
}

const Context = createContext<TabsContext>({ id: "", value: "", choose: () => {} });

interface TabsProps {
  value: string;
  onChange: (value: string) => void;
  className?: string;
  children: ReactNode;
}

/** One of several panels at a time: `<Tabs value onChange><TabList label><Tab value>…</TabList><TabPanel value>…</Tabs>`. */
export function Tabs({ value, onChange, className, children }: TabsProps) {
  const id = useId();
  return (
    <Context value={{ id, value, choose: onChange }}>
      <div className={className}>{children}</div>
    </Context>
  );
}

/** The row of tabs; it scrolls by itself where it is too wide. Arrow keys walk, Tab leads on into the panel. */
export function TabList({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <div
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => walked(event, "[role=tab]", "row")?.click()}
      className={cn("mb-4 flex gap-1 overflow-x-auto border-b", className)}
    >
      {children}
    </div>
  );
}

export function Tab({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  const tabs = useContext(Context);
  const chosen = tabs.value === value;
  return (
    <button
      type="button"
      role="tab"
      id={`${tabs.id}-tab-${value}`}
      aria-selected={chosen}
      aria-controls={chosen ? `${tabs.id}-panel-${value}` : undefined}
      tabIndex={chosen ? 0 : -1}
      onClick={() => tabs.choose(value)}
      className={cn(
        "-mb-px min-h-9 border-b-2 border-transparent px-3 py-1.5 text-sm font-medium whitespace-nowrap text-soft -outline-offset-2 hover:text-ink aria-selected:border-accent aria-selected:text-ink",
        className,
      )}
    >
      {children}
    </button>
  );
}

/** What belongs to a tab. With `keep` it stays, hidden, after it was first shown elsewhere: the caller decides when to mount. */
export function TabPanel({
  value,
  keep = false,
  className,
  children,
}: {
  value: string;
  keep?: boolean;
  className?: string;
  children: ReactNode;
}) {
  const tabs = useContext(Context);
  const chosen = tabs.value === value;
  if (!chosen && !keep) return null;
  return (
    <div
      role="tabpanel"
      id={`${tabs.id}-panel-${value}`}
      aria-labelledby={`${tabs.id}-tab-${value}`}
      hidden={!chosen}
      className={className}
    >
      {children}
    </div>
  );
}
