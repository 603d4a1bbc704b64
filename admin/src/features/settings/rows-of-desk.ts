import { list, names, type Settings, text } from "./read";
import type { Row } from "./row";

/** Where it listens. */
export function listening(of: Settings): Row[] {
  const port = text(of, "server.port");
  return [
    { key: "server.host", says: "Addresses", value: list(of, "server.host") },
    { key: "server.port", says: "Port", value: port },
    {
      key: "server.public_url",
      says: "What browsers call it",
      value: text(of, "server.public_url"),
      otherwise: "the address it is asked by; links in messages to people need it set",
    },
    {
      key: "server.tls_cert",
      says: "TLS of its own",
      value: text(of, "server.tls_cert"),
      otherwise: "none: browser notifications need https or localhost",
    },
    {
      key: "server.behind_proxy",
      says: "Proxies in front",
      value: list(of, "server.behind_proxy"),
      otherwise: "none",
    },
  ];
}

/** Who may come. */
export function admitted(of: Settings): Row[] {
  const files = names(of, "auth.token_files");
  return [
    {
      key: "server.trusted_networks",
      says: "Networks that may connect without TLS",
      value: list(of, "server.trusted_networks"),
      otherwise: "this host alone",
    },
    {
      key: "server.allowed_hosts",
      says: "More names it answers to",
      value: list(of, "server.allowed_hosts"),
      otherwise: "none",
    },
    {
      key: "server.allowed_origins",
      says: "Other pages that may ask it",
      value: list(of, "server.allowed_origins"),
      otherwise: "none",
    },
    {
      key: "server.frame_ancestors",
      says: "Pages that may show its widgets",
      value: list(of, "server.frame_ancestors"),
      otherwise: "none: set it to embed jobs, assets and metrics elsewhere",
    },
    {
      key: "auth.token_files",
      says: "Tokens from files",
      value: files.length > 0 ? files.join(", ") : null,
      otherwise: "none: the desk made its own",
    },
  ];
}
