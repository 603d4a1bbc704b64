"use client";

import { type RefObject, useEffect, useRef } from "react";
import { tellParent } from "./parent";

/** Tells the page around how high the content is, each time that changes: a frame does not grow by itself. */
export function useHeightTold(): RefObject<HTMLElement | null> {
  const content = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = content.current;
    if (element === null) return;
    const sized = new ResizeObserver(() => {
      tellParent({ type: "mixdesk:height", height: Math.ceil(element.getBoundingClientRect().height) });
    });
    sized.observe(element);
    return () => sized.disconnect();
  }, []);
  return content;
}
