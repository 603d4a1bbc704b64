"""Whether, where to and how often metrics are pushed: OpenTelemetry's variables and the desk's settings. Pure."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mixdesk_exporter.errors import ExporterError

INTERVAL_S = 60.0  # what the specification says
GRPC_PORT = 4317
PROTOCOLS = ("http/protobuf", "grpc")


class OtlpError(ExporterError):
    """Metrics cannot be pushed at all; the message is one line that says what to do."""


def wanted(env: Mapping[str, str]) -> bool:
    """Whether OTEL_METRICS_EXPORTER names `otlp`."""
    return "otlp" in (name.strip() for name in env.get("OTEL_METRICS_EXPORTER", "").split(","))


@dataclass(frozen=True, slots=True)
class Target:
    """Where to and how often.

    url       as it is shown to people
    endpoint  what the SDK's exporter is given; None where it reads the environment itself
    """

    url: str
    endpoint: str | None
    protocol: str
    interval_s: float


def target(env: Mapping[str, str], endpoint: str | None = None) -> Target:
    """From OpenTelemetry's variables; `endpoint` is a collector's address that the settings give.

    A variable for metrics alone holds before it. Raises OtlpError for a value that cannot be.
    """
    own = env.get("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    base = own or endpoint or env.get("OTEL_EXPORTER_OTLP_ENDPOINT") or ""
    protocol = _protocol(env, base)
    default = "http://localhost:4317" if protocol == "grpc" else "http://localhost:4318"
    url = base or default
    if protocol != "grpc" and not own:
        url = url if url.endswith("/v1/metrics") else f"{url.rstrip('/')}/v1/metrics"
    return Target(url, url if base else None, protocol, _interval(env))


def _protocol(env: Mapping[str, str], base: str) -> str:
    named = env.get("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL") or env.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if not named:
        parts = urlsplit(base if "://" in base else f"http://{base}")
        return "grpc" if parts.port == GRPC_PORT else PROTOCOLS[0]
    if named not in PROTOCOLS:
        raise OtlpError(f"OTEL_EXPORTER_OTLP_PROTOCOL {named}: it is one of {', '.join(PROTOCOLS)}")
    return named


def _interval(env: Mapping[str, str]) -> float:
    given = env.get("OTEL_METRIC_EXPORT_INTERVAL")
    if not given:
        return INTERVAL_S
    try:
        seconds = float(given) / 1000
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise OtlpError(f"OTEL_METRIC_EXPORT_INTERVAL {given}: it is a number of milliseconds above 0")
    return seconds
