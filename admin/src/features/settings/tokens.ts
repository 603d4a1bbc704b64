import type { Token } from "@mixdesk/client";

export const ROLES = ["viewer", "operator", "admin", "reporter", "scraper"] as const;
type TokenRole = (typeof ROLES)[number];

/** What a role may, for those who choose one. */
export const MAY: Readonly<Record<TokenRole, string>> = {
  viewer: "sees jobs with their logs, assets and figures",
  operator: "and acts: saves, cancels, starts, stops, reads all logs and the audit",
  admin: "and makes tokens, sees these settings",
  reporter: "for trainers and Alertmanager: reports, sees nothing",
  scraper: "for Prometheus: reads /metrics",
};

export type TokenState = "valid" | "expired" | "revoked";

/** `now` in milliseconds, by the desk. */
export function stateOf(token: Token, now: number): TokenState {
  if (token.revoked_at !== null) return "revoked";
  return token.expires_at !== null && Date.parse(token.expires_at) <= now ? "expired" : "valid";
}

const SOURCES: Readonly<Record<string, string>> = {
  created: "made by a person",
  given: "from a file of [auth] token_files",
  state: "made at the first start",
};

export function sourceOf(token: Token): string {
  return SOURCES[token.source] ?? token.source;
}

/** Why a token cannot be revoked here; null where it can. The desk has the last word. */
export function whyNotRevoked(token: Token): string | null {
  if (token.source !== "given") return null;
  return "It comes from a file of [auth] token_files: put a new one into that file and restart the desk; the old one ends at that start.";
}

/** What ends with it. */
export function whatEnds(token: Token): string[] {
  const ends = ["It stops working within a second; there is no way back."];
  if (token.roles.some((role) => role === "viewer" || role === "operator" || role === "admin")) {
    ends.push("Every browser that signed in with it is signed out, and its open streams are cut.");
  }
  if (token.roles.includes("reporter")) {
    ends.push("Trainers that use it train on, but their jobs go lost here until they have another one.");
  }
  if (token.roles.includes("scraper")) ends.push("Prometheus no longer reads this desk with it.");
  if (token.source === "state") {
    ends.push(`A new one takes its place in the desk's state folder (tokens/${token.name}).`);
  }
  return ends;
}

/** Where a token is used: the lines to paste there. */
export function usage(roles: readonly string[], url: string, secret: string): { title: string; lines: string }[] {
  const found: { title: string; lines: string }[] = [];
  if (roles.includes("reporter")) {
    found.push({ title: "For a trainer", lines: `export MIXDESK_URL=${url}\nexport MIXDESK_TOKEN=${secret}` });
  }
  if (roles.includes("scraper")) {
    const host = url.replace(/^https?:\/\//, "");
    const scheme = url.startsWith("https:") ? "https" : "http";
    found.push({
      title: "For Prometheus",
      lines: `- job_name: mixdesk\n  scheme: ${scheme}\n  authorization: {credentials: ${secret}}\n  static_configs: [{targets: ["${host}"]}]`,
    });
  }
  if (roles.some((role) => role === "viewer" || role === "operator" || role === "admin")) {
    found.push({
      title: "For commands (mixdesk jobs list); a browser takes the token itself at sign-in",
      lines: `export MIXDESK_URL=${url}\nexport MIXDESK_CLI_TOKEN=${secret}`,
    });
  }
  return found;
}

export interface Wanted {
  roles: TokenRole[];
  name?: string;
  owner?: string;
  days?: number;
}

/** What the form says, or why it cannot be asked for. */
export function wanted(form: FormData): Wanted | string {
  const roles = ROLES.filter((role) => form.get(`role-${role}`) !== null);
  if (roles.length === 0) return "Choose at least one role.";
  const [name, owner, days] = ["name", "owner", "days"].map((field) => String(form.get(field) ?? "").trim());
  if (owner && roles.includes("admin")) return "An admin cannot be bound to an owner: leave the owner out.";
  const count = Number(days);
  if (days && !(count > 0)) return "Days must be a number above 0, or empty for a token that does not expire.";
  return { roles, ...(name && { name }), ...(owner && { owner }), ...(days && { days: count }) };
}
