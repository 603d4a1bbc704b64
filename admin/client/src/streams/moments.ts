// Moments at which waiting is pointless: the network is back, or a tab is looked at again. Nothing of it in Node.

/** Calls `now` at each such moment until the answer is called. */
export function onMoments(now: () => void): () => void {
  const page = globalThis.document;
  if (typeof globalThis.addEventListener !== "function" || page === undefined) return () => undefined;
  const seen = () => {
    if (page.visibilityState === "visible") now();
  };
  globalThis.addEventListener("online", now);
  globalThis.addEventListener("pageshow", seen);
  page.addEventListener("visibilitychange", seen);
  return () => {
    globalThis.removeEventListener("online", now);
    globalThis.removeEventListener("pageshow", seen);
    page.removeEventListener("visibilitychange", seen);
  };
}
