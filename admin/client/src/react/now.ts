"use client";

import { useEffect, useState } from "react";
import { useDesk } from "./desk.tsx";

/** The desk's time in milliseconds, anew every `every` milliseconds: for ages and countdowns. */
export function useNow(every = 1000): number {
  const { clock } = useDesk();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), every);
    return () => clearInterval(timer);
  }, [clock, every]);
  return now;
}
