import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names, of which a later one replaces an earlier one of the same kind. */
export function cn(...names: ClassValue[]): string {
  return twMerge(clsx(names));
}
