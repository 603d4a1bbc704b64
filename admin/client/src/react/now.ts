"use client";

import { useSyncExternalStore } from "react";
import type { DeskClock } from "../clock.ts";
import { useDesk } from "./desk.tsx";

/** The desk's time in milliseconds, anew every `every` milliseconds: for ages and countdowns. */
export function useNow(every = 1000): number {
  const ticker = tickerOf(useDesk().clock, every);
  return useSyncExternalStore(ticker.listen, ticker.now, ticker.now);
}

/** One timer for all who look at a clock as often as each other: a page of ages is drawn once a tick, not once an age. */
class Ticker {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #now: number;

  constructor(
    private readonly clock: DeskClock,
    private readonly every: number,
  ) {
    this.#now = clock.now();
  }

  readonly now = (): number => {
    // nobody has wound it for a while
    if (this.#timer === undefined && Math.abs(this.clock.now() - this.#now) >= this.every) this.#now = this.clock.now();
    return this.#now;
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(this.#tick, this.every);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  };

  readonly #tick = (): void => {
    this.#now = this.clock.now();
    for (const listener of this.#listeners) listener();
  };
}

const tickers = new WeakMap<DeskClock, Map<number, Ticker>>();

function tickerOf(clock: DeskClock, every: number): Ticker {
  const ofClock = tickers.get(clock) ?? new Map<number, Ticker>();
  tickers.set(clock, ofClock);
  const known = ofClock.get(every) ?? new Ticker(clock, every);
  ofClock.set(every, known);
  return known;
}
