// The browser's storage, which may be switched off: then nothing is remembered, and nothing breaks.

type Where = "local" | "session";

const storage = (where: Where): Storage => (where === "local" ? localStorage : sessionStorage);

export function stored(where: Where, key: string): string | null {
  try {
    return storage(where).getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a text; null takes it out. Says whether it is kept. */
export function store(where: Where, key: string, text: string | null): boolean {
  try {
    if (text === null) storage(where).removeItem(key);
    else storage(where).setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** Takes out all that is kept under keys which begin so. */
export function forgetStored(where: Where, prefix: string): void {
  try {
    for (const key of Object.keys(storage(where))) if (key.startsWith(prefix)) storage(where).removeItem(key);
  } catch {
    // switched off: nothing was kept
  }
}
