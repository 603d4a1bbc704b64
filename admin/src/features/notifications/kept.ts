"use client";

import { useSyncExternalStore } from "react";
import { store, stored } from "@/lib/stored";

/** A value in the browser's storage that all tabs see change. Without storage it lives as long as the page. */
export class Kept<T> {
  #listeners = new Set<() => void>();
  #text: string | null | undefined;
  #value: T | undefined;

  constructor(
    readonly key: string,
    private readonly read: (text: string | null) => T,
  ) {}

  /** The value as it stands now, also where another tab has just changed it. */
  get(): T {
    const text = stored("local", this.key);
    if (this.#value === undefined || (text !== this.#text && text !== null)) {
      this.#text = text;
      this.#value = this.read(text);
    }
    return this.#value;
  }

  set(value: T): void {
    const text = JSON.stringify(value);
    this.#value = value;
    this.#text = text;
    store("local", this.key, text);
    this.#tell();
  }

  readonly listen = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) addEventListener("storage", this.#otherTab);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) removeEventListener("storage", this.#otherTab);
    };
  };

  readonly #otherTab = (event: StorageEvent) => {
    if (event.key === this.key) this.#tell();
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A kept value as state of a component; `first` until the page is the browser's. */
export function useKept<T>(kept: Kept<T>, first: T): T {
  return useSyncExternalStore(
    kept.listen,
    () => kept.get(),
    () => first,
  );
}
