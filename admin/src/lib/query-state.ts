"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo } from "react";

/** Values by name: an empty one, or null, leaves the address; those that are undefined stay as they are. */
export type Change = Readonly<Record<string, string | null | undefined>>;

/**
 * The query of this page as state: what is chosen stays in the address, so that a link to it can be passed on. What a
 * change does not name stays, and the history gets no entry for each letter.
 */
export function useQueryState(): [URLSearchParams, (change: Change) => void] {
  const asked = useSearchParams().toString();
  const query = useMemo(() => new URLSearchParams(asked), [asked]);
  const set = useCallback((change: Change) => history.replaceState(null, "", addressWith(location, change)), []);
  return [query, set];
}

type Address = Pick<Location, "pathname" | "search" | "hash">;

/** The address with other values in its query. */
export function addressWith({ pathname, search, hash }: Address, change: Change): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else if (value !== undefined) query.delete(name);
  }
  const text = query.toString().replaceAll("%2C", ",");
  return `${pathname}${text === "" ? "" : `?${text}`}${hash}`;
}
