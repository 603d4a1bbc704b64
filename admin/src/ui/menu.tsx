"use client";

import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Popover } from "./popover";
import { walked } from "./walk";

type MenuProps = Omit<ComponentProps<typeof Popover>, "role">;

/** A button with a list of things to do. */
export function Menu({ children, width = 220, ...rest }: MenuProps) {
  return (
    <Popover {...rest} role="menu" width={width}>
      {(close) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: it hears what its items do
        <div role="presentation" onKeyDown={(event) => walked(event, "[role^=menuitem]", "column")} onClick={close}>
          {typeof children === "function" ? children(close) : children}
        </div>
      )}
    </Popover>
  );
}

interface MenuItemProps extends ComponentProps<"button"> {
  /** Set where the item is one of several choices. */
  checked?: boolean;
  children: ReactNode;
}

export function MenuItem({ checked, className, children, ...rest }: MenuItemProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: where it is checked it is a menuitemradio
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      className={cn(
        "flex min-h-9 w-full items-center gap-2 rounded-lg px-2.5 py-1.5 text-left text-sm -outline-offset-2 hover:enabled:bg-raised disabled:opacity-50",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
