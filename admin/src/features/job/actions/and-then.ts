/** What a save is followed by, in the desk's own word. */
export function andThen(what: "continue" | "cancel"): { then: "continue" | "cancel" } {
  // biome-ignore lint/suspicious/noThenProperty: the API calls it so, and nobody awaits it
  return { then: what };
}
