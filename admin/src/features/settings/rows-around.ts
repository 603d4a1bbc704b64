import { at, list, names, type Settings, seconds, text } from "./read";
import type { Row } from "./row";

/** Logs of all services. */
export function logged(of: Settings): Row[] {
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

/** The programs that stand beside the desk. */
export function beside(of: Settings): Row[] {
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

/** Messages to people. */
export function told(of: Settings): Row[] {
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
