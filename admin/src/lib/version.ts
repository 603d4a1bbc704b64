// A page that was open while the desk got a new version asks for parts that are gone. A reload brings the new ones.

const KEY = "mixdesk-reloaded";
const ONCE_MS = 60_000;

/** Whether an error says that a part of the page could not be loaded. */
export function isMissingPart(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === "ChunkLoadError" ||
    /loading (css )?chunk|failed to load chunk|dynamically imported module|importing a module script/i.test(
      error.message,
    )
  );
}

/** Whether a reload may be tried: the last one for this reason, if any, was long enough ago. */
export function mayReload(last: string | null, now: number): boolean {
  const at = Number(last);
  return last === null || !Number.isFinite(at) || Math.abs(now - at) > ONCE_MS;
}

/** Reloads the page where an error comes from a new version, at most once a minute. Says whether it does. */
export function reloadForNewVersion(error: unknown): boolean {
  if (!isMissingPart(error)) return false;
  try {
    if (!mayReload(sessionStorage.getItem(KEY), Date.now())) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    return false; // nothing to remember it by: it might go round for ever
  }
  location.reload();
  return true;
}
