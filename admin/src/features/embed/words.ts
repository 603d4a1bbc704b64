/** What stands there until the first figures come: with the reason where the desk gave one. */
export function waitingFor(what: string, reason: string | undefined): string {
  return reason === undefined ? `Asking the desk for ${what}…` : `No ${what} yet: ${reason}`;
}
