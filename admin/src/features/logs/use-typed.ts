"use client";

import { useEffect, useRef, useState } from "react";

/**
 * What stands in a field while one types; `onChange` is told once the fingers rest. A value that comes from elsewhere,
 * such as an address that was opened, takes its place.
 */
export function useTyped(value: string, onChange: (value: string) => void, restMs: number) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      tell.current(typed);
    }, restMs);
    return () => clearTimeout(timer);
  }, [typed, restMs]);
  return [typed, setTyped] as const;
}
