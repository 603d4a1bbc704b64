"use client";

import { cloneElement, type ReactElement, type ReactNode, useId, useRef } from "react";
import { place } from "./place";

interface TooltipProps {
  text: ReactNode;
  /** One element that can have the focus. */
  children: ReactElement<{ "aria-describedby"?: string }>;
  width?: number;
}

/** A few more words about something, while the pointer or the focus is on it. Escape takes them away. */
export function Tooltip({ text, children, width = 240 }: TooltipProps) {
  const id = useId();
  const tip = useRef<HTMLSpanElement>(null);
  const hide = () => tip.current?.hidePopover?.();
  const show = (event: { currentTarget: HTMLElement }) => {
    if (tip.current === null) return;
    place(tip.current, event.currentTarget.getBoundingClientRect(), width);
    tip.current.showPopover?.();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches what is inside
    <span
      className="inline-flex max-w-full"
      onPointerEnter={show}
      onPointerLeave={hide}
      onFocus={show}
      onBlur={hide}
      onKeyDown={(event) => event.key === "Escape" && hide()}
    >
      {cloneElement(children, { "aria-describedby": id })}
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        className="pointer-events-none fixed inset-auto rounded-lg border bg-raised px-2.5 py-1.5 text-xs font-normal whitespace-normal text-ink shadow-lg"
      >
        {text}
      </span>
    </span>
  );
}
