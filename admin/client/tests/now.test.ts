// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Desk } from "../src/desk.ts";
import { DeskProvider } from "../src/react/desk.tsx";
import { useNow } from "../src/react/now.ts";

const START = 1e12;
beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function on(desk: Desk) {
  return { wrapper: ({ children }: { children: ReactNode }) => createElement(DeskProvider, { desk, children }) };
}

it("has one timer for all ages, drawn once a tick, and none for nobody", () => {
  let drawn = 0;
  const ages = () => {
    drawn += 1;
    return [useNow(), useNow(), useNow()];
  };
  const { result, unmount } = renderHook(ages, on(new Desk({ url: "http://desk" })));
  expect(vi.getTimerCount()).toBe(1);
  drawn = 0;
  act(() => vi.advanceTimersByTime(1000));
  expect(result.current).toEqual([START + 1000, START + 1000, START + 1000]);
  expect(drawn).toBe(1);
  unmount();
  expect(vi.getTimerCount()).toBe(0);
});

it("goes by the desk's clock, is right after a pause, and each period has its own", () => {
  const desk = new Desk({ url: "http://desk" });
  renderHook(() => useNow(5000), on(desk)).unmount();
  desk.clock.heard(new Date(START + 60_000).toISOString(), START, START);
  const { result } = renderHook(() => [useNow(5000), useNow(1000)], on(desk));
  expect(result.current).toEqual([START + 60_000, START + 60_000]);
  act(() => vi.advanceTimersByTime(1000));
  expect(result.current).toEqual([START + 60_000, START + 61_000]);
});
