import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const buttonLooks = cva(
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-lg border px-3 py-1.5 text-sm font-medium whitespace-nowrap transition-colors disabled:cursor-default disabled:opacity-50",
  {
    variants: {
      kind: {
        plain: "border-line bg-card hover:enabled:border-accent",
        main: "border-accent bg-accent text-on-accent hover:enabled:opacity-90",
        risky: "border-line bg-card text-bad hover:enabled:border-bad",
        quiet: "border-transparent bg-transparent text-soft hover:enabled:text-ink hover:enabled:bg-raised",
      },
    },
    defaultVariants: { kind: "plain" },
  },
);

export type ButtonProps = ComponentProps<"button"> & VariantProps<typeof buttonLooks>;

export function Button({ kind, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={cn(buttonLooks({ kind }), className)} {...rest} />;
}
