"use client";

import { type ReactNode, type ToggleEvent, useId, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { type ButtonProps, buttonLooks } from "./button";
import { place } from "./place";

interface PopoverProps {
  /** What the button shows. */
  trigger: ReactNode;
  /** What the button is called, where it shows no words. */
  label?: string;
  kind?: ButtonProps["kind"];
  /** The name of what opens. */
  name: string;
  role?: "dialog" | "menu";
  /** The widest it gets, in pixels. */
  width?: number;
  triggerClassName?: string;
  className?: string;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode | ((close: () => void) => ReactNode);
}

/** A button and what it opens, on the browser's own top layer: Escape or a click elsewhere closes it, the focus goes back. */
export function Popover({
  trigger,
  label,
  kind = "quiet",
  name,
  role = "dialog",
  width = 320,
  triggerClassName,
  className,
  onOpenChange,
  children,
}: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const before = (event: ToggleEvent) => {
    if (event.newState !== "open" || button.current === null || panel.current === null) return;
    place(panel.current, button.current.getBoundingClientRect(), width);
    setOpen(true);
  };
  const after = (event: ToggleEvent) => {
    setOpen(event.newState === "open");
    onOpenChange?.(event.newState === "open");
    if (event.newState === "open") panel.current?.querySelector<HTMLElement>("[role^=menuitem], button, a")?.focus();
  };
  const close = () => panel.current?.hidePopover();
  return (
    <>
      <button
        ref={button}
        type="button"
        popoverTarget={id}
        aria-label={label}
        aria-haspopup={role}
        aria-expanded={open}
        title={label}
        className={cn(buttonLooks({ kind }), triggerClassName)}
      >
        {trigger}
      </button>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: either role takes a name */}
      <div
        ref={panel}
        id={id}
        popover="auto"
        role={role}
        aria-label={name}
        onBeforeToggle={before}
        onToggle={after}
        className={cn("fixed inset-auto overflow-y-auto rounded-xl border bg-card p-1.5 text-ink shadow-xl", className)}
      >
        {open && (typeof children === "function" ? children(close) : children)}
      </div>
    </>
  );
}
