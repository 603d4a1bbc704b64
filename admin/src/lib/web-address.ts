const WEB: readonly string[] = ["http:", "https:"];

/**
 * An address from outside as it may stand in a link: a whole one of the web, null for anything else. `javascript:` and
 * its like are no links, and neither is a path of this desk: whoever names it could lead into its sign-in.
 */
export function webAddress(text: string | null | undefined): string | null {
  if (!text || !URL.canParse(text)) return null;
  const address = new URL(text);
  return WEB.includes(address.protocol) ? address.href : null;
}
