"use client";

import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Say = (text: string, tone?: "good" | "bad") => void;

const Context = createContext<Say>(() => {});
const SHOWN_MS = 8000;

/** Short words about what was just done, at the lower edge, read out by screen readers. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ id: number; text: string; tone: "good" | "bad" }[]>([]);
  const say = useCallback<Say>((text, tone = "good") => {
    const id = performance.now();
    setSaid((known) => [...known, { id, text, tone }].slice(-3));
    setTimeout(() => setSaid((known) => known.filter((one) => one.id !== id)), SHOWN_MS);
  }, []);
  return (
    <Context value={say}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="fixed inset-x-4 bottom-20 z-50 flex flex-col items-center gap-2 sm:bottom-4"
      >
        {said.map((one) => (
          <p
            key={one.id}
            className={`max-w-full rounded-lg border bg-card px-4 py-2 shadow-lg ${one.tone === "bad" ? "border-bad text-bad" : ""}`}
          >
            {one.text}
          </p>
        ))}
      </div>
    </Context>
  );
}

export function useSay(): Say {
  return useContext(Context);
}
