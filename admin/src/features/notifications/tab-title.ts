"use client";

import type { Job } from "@mixdesk/client";
import { useEffect } from "react";

/**
 * What stands before a page's own title: a mark for what is unread, and how far the running jobs are,
 * with a question mark while the desk is not heard.
 */
export function titleHead(jobs: Iterable<Job>, unread: number, live = true): string {
  const running = [...jobs].filter((job) => job.status === "running" && !job.lost);
  running.sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const [first, ...rest] = running;
  const mark = unread > 0 ? "● " : "";
  if (first === undefined) return mark;
  const more = rest.length > 0 ? ` +${rest.length}` : "";
  return `${mark}(${live ? "" : "? "}${Math.floor(first.progress_percent)} %) ${first.name ?? first.job_id}${more} · `;
}

/** Keeps it there, whatever title the page gets as one walks on. */
export function useTitleHead(head: string): void {
  useEffect(() => {
    let own = document.title;
    let shown = own;
    const put = () => {
      if (document.title !== shown) own = document.title;
      shown = head + own;
      if (document.title !== shown) document.title = shown;
    };
    put();
    const watcher = new MutationObserver(put);
    watcher.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      watcher.disconnect();
      if (document.title === shown) document.title = own;
    };
  }, [head]);
}
