// What a frame tells the page around it: its height, and that its right has ended. Nothing of it is secret; it is sent
// to that page's origin alone all the same, and nothing that comes from there is listened to.

export type Told = { type: "mixdesk:height"; height: number } | { type: "mixdesk:expired" };

/** The origin of the page around; null where the browser does not say. */
export function originAround(ancestors: ArrayLike<string> | undefined, referrer: string, own: string): string | null {
  const named = ancestors?.[0];
  if (named !== undefined) return named === "null" ? null : named;
  if (!URL.canParse(referrer)) return null;
  const { origin } = new URL(referrer);
  // after a reload of the frame alone the referrer may be the frame itself
  return origin === own || origin === "null" ? null : origin;
}

export function tellParent(message: Told): void {
  if (window.parent === window) return;
  const origin = originAround(location.ancestorOrigins, document.referrer, location.origin);
  if (origin !== null) window.parent.postMessage(message, origin);
}
