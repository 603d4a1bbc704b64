// The ticket that the page around brings in the fragment, which no server and no log ever sees.

const BARE = /^[\w-]+$/;

/** The ticket of `#T` or `#ticket=T`; null where there is none. */
export function ticketOf(hash: string): string | null {
  const said = hash.replace(/^#/, "");
  return BARE.test(said) ? said : new URLSearchParams(said).get("ticket") || null;
}

// for the life of this page: what is drawn twice, as in development, takes it once
let taken: string | null | undefined;

/** The ticket, which is taken out of the address at once: it is for one use and belongs into no history. */
export function takeTicket(): string | null {
  if (taken !== undefined) return taken;
  taken = ticketOf(location.hash);
  if (taken !== null) history.replaceState(null, "", location.pathname + location.search);
  return taken;
}
