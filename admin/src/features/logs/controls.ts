// Looks that several parts of this room share.
export const FIELD = "min-h-8 min-w-0 rounded-lg border bg-paper px-2.5 py-1 text-sm placeholder:text-soft";
export const CHIP =
  "inline-flex min-h-8 items-center gap-1 rounded-lg border px-2.5 py-1 text-sm text-soft hover:text-ink aria-pressed:border-accent aria-pressed:text-ink aria-[current]:border-accent aria-[current]:bg-raised aria-[current]:text-ink";
