import { duration, mebibytes } from "@/lib/format";
import { amount, at, list, names, type Settings, size, text } from "./read";

export interface Row {
  /** As mixdesk.toml calls it. */
  key: string;
  says: string;
  /** null: not set. */
  value: string | null;
  /** What holds while it is not set, or what to do about it. */
  otherwise?: string;
}

export interface Group {
  name: string;
  rows: readonly Row[];
}

/** Everything that is configured, in groups, in words. Neither addresses of receivers nor what assets run with is in it. */
export function configured(settings: Settings, stateDir: string): Group[] {
  return [
    { name: "Where it listens", rows: listening(settings) },
    { name: "Who may come", rows: admitted(settings) },
    { name: "Jobs and what is kept", rows: kept(settings, stateDir) },
    { name: "Meters, GPUs and assets", rows: metered(settings) },
    { name: "Logs", rows: logged(settings) },
    { name: "Programs beside it", rows: beside(settings) },
    { name: "Messages about jobs", rows: told(settings) },
  ];
}

function listening(of: Settings): Row[] {
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

function admitted(of: Settings): Row[] {
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

function kept(of: Settings, stateDir: string): Row[] {
  const days = amount(of, "jobs.keep_days");
  const weights = names(of, "jobs.weights");
  return [
    {
      key: "jobs.keep_days",
      says: "Jobs that have ended are kept for",
      value: days === null ? null : `${days} days`,
    },
    { key: "jobs.lease_s", says: "A job is lost after silence of", value: seconds(of, "jobs.lease_s") },
    { key: "jobs.lost_fail_s", says: "A lost job is failed after", value: seconds(of, "jobs.lost_fail_s") },
    {
      key: "jobs.weights",
      says: "Weights of phases of its own",
      value: weights.length > 0 ? weights.join(", ") : null,
      otherwise: "those of each job type",
    },
    { key: "store.url", says: "Database", value: text(of, "store.url"), otherwise: `SQLite: ${stateDir}/mixdesk.db` },
    {
      key: "metrics.retention_s",
      says: "Series of a job stay after its end for",
      value: seconds(of, "metrics.retention_s"),
    },
  ];
}

function metered(of: Settings): Row[] {
  const assets = size(of, "assets");
  return [
    { key: "meters.sources", says: "Hosts that are read", value: list(of, "meters.sources"), otherwise: "none" },
    { key: "gpu.headroom_mb", says: "GPU memory that stays free", value: mebibytes(amount(of, "gpu.headroom_mb")) },
    {
      key: "assets",
      says: "Assets in the registry",
      value: assets > 0 ? String(assets) : null,
      otherwise: "none: begin with mixdesk assets init",
    },
  ];
}

function logged(of: Settings): Row[] {
  const services = names(of, "logs.services");
  return [
    { key: "logs.compose", says: "Compose files", value: list(of, "logs.compose"), otherwise: "none" },
    {
      key: "logs.services",
      says: "Services named by hand",
      value: services.length > 0 ? services.join(", ") : null,
      otherwise: "none: they are found by themselves",
    },
    {
      key: "logs.docker",
      says: "Docker engine",
      value: text(of, "logs.docker"),
      otherwise: "DOCKER_HOST, else /var/run/docker.sock",
    },
    {
      key: "logs.redact",
      says: "Secrets in lines",
      value: at(of, "logs.redact") === false ? "shown as they are" : "blacked out",
    },
    {
      key: "logs.targets_file",
      says: "List for log shippers",
      value: text(of, "logs.targets_file"),
      otherwise: "none is written",
    },
  ];
}

function beside(of: Settings): Row[] {
  const unset = "not set: docs/compose.md brings it up beside the desk";
  return [
    {
      key: "grafana.browser_url",
      says: "Grafana, for browsers",
      value: text(of, "grafana.browser_url") ?? text(of, "grafana.url"),
      otherwise: unset,
    },
    { key: "prometheus.url", says: "Prometheus", value: text(of, "prometheus.url"), otherwise: unset },
    { key: "loki.url", says: "Loki", value: text(of, "loki.url"), otherwise: unset },
    {
      key: "otel.endpoint",
      says: "Collector of traces",
      value: text(of, "otel.endpoint"),
      otherwise: "none: spans are not sent",
    },
  ];
}

function told(of: Settings): Row[] {
  return [
    {
      key: "notify.url",
      says: "Receiver",
      value: receiver(of),
      otherwise: "nobody is told: set [notify] url or url_file",
    },
    { key: "notify.format", says: "Form", value: text(of, "notify.format") },
    { key: "notify.events", says: "What is told", value: list(of, "notify.events"), otherwise: "nothing" },
    { key: "notify.stalled_s", says: "A job stands still after", value: seconds(of, "notify.stalled_s") },
    {
      key: "notify.min_duration_s",
      says: "A success is told of jobs longer than",
      value: seconds(of, "notify.min_duration_s"),
    },
  ];
}

/** Scheme and host at most, as the desk shows it; or the file that holds the address. */
export function receiver(of: Settings): string | null {
  const file = text(of, "notify.url_file");
  return text(of, "notify.url") ?? (file === null ? null : `the address in ${file}`);
}

function seconds(of: Settings, key: string): string {
  return duration(amount(of, key));
}
