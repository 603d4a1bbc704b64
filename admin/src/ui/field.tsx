"use client";

import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import { cn } from "@/lib/cn";

interface Belongs {
  id?: string;
  describedBy?: string;
  invalid?: boolean;
}

const Context = createContext<Belongs>({});

interface FieldProps {
  label: ReactNode;
  /** What may be entered. */
  hint?: ReactNode;
  /** What is wrong with what was entered. */
  error?: ReactNode;
  /** The label is for screen readers alone. */
  labelHidden?: boolean;
  className?: string;
  children: ReactNode;
}

/** A label, one Input or Select, and what is to be said about it; they find each other by themselves. */
export function Field({ label, hint, error, labelHidden = false, className, children }: FieldProps) {
  const id = useId();
  const about = error || hint ? `${id}-about` : undefined;
  return (
    <Context value={{ id, describedBy: about, invalid: Boolean(error) }}>
      <div className={cn("min-w-0", className)}>
        <label htmlFor={id} className={labelHidden ? "sr-only" : "mb-1 block text-sm font-medium"}>
          {label}
        </label>
        {children}
        {about !== undefined && (
          <p id={about} className={cn("mt-1 text-sm", error ? "text-bad" : "text-soft")}>
            {error || hint}
          </p>
        )}
      </div>
    </Context>
  );
}

const LOOK =
  "min-h-9 w-full rounded-lg border border-edge bg-paper px-3 py-1.5 text-sm text-ink placeholder:text-soft aria-[invalid]:border-bad";

function useBelongs() {
  const { id, describedBy, invalid } = useContext(Context);
  return { id, "aria-describedby": describedBy, "aria-invalid": invalid || undefined };
}

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input autoComplete="off" spellCheck={false} {...useBelongs()} className={cn(LOOK, className)} {...rest} />;
}

/** The browser's own list of choices. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...useBelongs()} className={cn(LOOK, "pr-8", className)} {...rest} />;
}

/** A box to tick with its words. */
export function Checkbox({ children, className, ...rest }: ComponentProps<"input">) {
  return (
    <label className={cn("flex min-h-8 cursor-pointer items-center gap-2 text-sm", className)}>
      <input type="checkbox" className="size-4 shrink-0 accent-accent" {...rest} />
      <span>{children}</span>
    </label>
  );
}
