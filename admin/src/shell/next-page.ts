const BASE = "/ui";
const LOGIN = `${BASE}/login`;

/** The page to go to after signing in: a path of this very origin, `/ui/` for anything else. */
export function nextPage(search: string, origin: string): string {
  const wished = new URLSearchParams(search).get("next");
  return (wished !== null && ownPath(wished, origin)) || `${BASE}/`;
}

function ownPath(wished: string, origin: string): string | null {
  // browsers read "\" as "/", and drop tabs and line ends: what has them is no path that we wrote
  if (!/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(wished)) return null;
  const url = new URL(wished, origin);
  if (url.origin !== origin || url.pathname.startsWith("//")) return null;
  // never back to the door
  if (url.pathname === LOGIN || url.pathname.startsWith(`${LOGIN}/`)) return null;
  return url.pathname + url.search + url.hash;
}

/** The same path as the admin's router names it; null where it is no page of the admin. */
export function routeOf(path: string): string | null {
  if (path === BASE) return "/";
  return path.startsWith(`${BASE}/`) ? path.slice(BASE.length) : null;
}

/** What a pasted text is: the code of a login link, or a token. */
export function credentialsOf(pasted: string): { code: string } | { token: string } {
  const text = pasted.trim();
  const at = text.indexOf("#");
  return at < 0 ? { token: text } : { code: text.slice(at + 1) };
}
