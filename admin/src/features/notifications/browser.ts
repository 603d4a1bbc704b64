"use client";

import { useCallback, useEffect, useState } from "react";
import type { Notice } from "./events";
import { headline } from "./words";

/** Whether the browser shows notifications of this page, and if not, why. */
export type Permission = "asking" | "granted" | "denied" | "ask" | "insecure" | "missing";

export function permission(): Permission {
  if (!isSecureContext) return "insecure";
  if (!("Notification" in globalThis)) return "missing";
  return Notification.permission === "default" ? "ask" : Notification.permission;
}

/** The permission, and how to ask for it: browsers want a click for that. */
export function usePermission(): [Permission, () => Promise<void>] {
  const [now, setNow] = useState<Permission>("asking");
  useEffect(() => {
    const look = () => setNow(permission());
    look();
    // it can be changed in the browser's own settings meanwhile
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, []);
  const ask = useCallback(async () => {
    await Notification.requestPermission();
    setNow(permission());
  }, []);
  return [now, ask];
}

const ICON = "/ui/icon.svg";

/** Shows one. Says why it could not, null where it was handed to the browser. */
export function show(title: string, body: string, key: string, onClick?: () => void): string | null {
  if (permission() !== "granted") return "the browser does not allow it";
  try {
    const shown = new Notification(title, { body, tag: key, icon: ICON });
    shown.onclick = () => {
      window.focus();
      onClick?.();
      shown.close();
    };
    return null;
  } catch (problem) {
    // browsers of phones want more than a page for it
    return problem instanceof Error ? problem.message : String(problem);
  }
}

export function showNotice(notice: Notice, open: (jobId: string) => void): void {
  show(headline(notice), notice.more ?? "", notice.key, () => open(notice.jobId));
}
