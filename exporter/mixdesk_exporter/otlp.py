"""Metrics pushed by OTLP: a thread of its own, so that a collector that is away or hangs disturbs nothing else.

OpenTelemetry is imported by `Pusher` and `start`, not before: who does not push does not pay for it.
"""

from __future__ import annotations

import logging
import os
import platform
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mixdesk_exporter.host import Roots
from mixdesk_exporter.otlp_target import OtlpError, Target, target
from mixdesk_exporter.own import version
from mixdesk_exporter.sampler import Sampler

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter, MetricsData

log = logging.getLogger(__name__)

SERVICE = "mixdesk-exporter"
AGE_S = 20.0  # a snapshot that old was sampled anyway: asking for it keeps nothing awake
LAST_S, CUT_S = 0.7, 0.2  # what the last push may take, and what its end may take after that
INSTALL = "pip install 'mixdesk[otel]'"


def exporter_for(where: Target) -> MetricExporter:
    """The SDK's own exporter: headers, time-out, compression and certificates are as its variables say."""
    try:
        if where.protocol == "grpc":
            from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcExporter

            return GrpcExporter(endpoint=where.endpoint)
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

        return OTLPMetricExporter(endpoint=where.endpoint)
    except ImportError as error:
        raise OtlpError(f"OTLP metrics need OpenTelemetry's SDK and exporter: {INSTALL} ({error})") from error
    except Exception as error:
        raise OtlpError(f"OTLP metrics: OTEL_EXPORTER_OTLP_*: {error}") from error


class _Heard(logging.Filter):
    """Keeps what the SDK says of pushes out of the log: it says each try. The pusher says it once."""

    LOGGERS = (
        "opentelemetry.exporter.otlp.proto.http.metric_exporter",
        "opentelemetry.exporter.otlp.proto.grpc.exporter",
    )

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()  # others use the same exporters, for spans
        self.last = ""
        for name in self.LOGGERS:
            logging.getLogger(name).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record goes on to the log."""
        if record.thread != self._thread:
            return True
        if "due to timeout" not in str(record.msg) or not self.last:  # the try before has told why
            self.last = record.getMessage()
        return False

    def end(self) -> None:
        """Leaves the log as it was."""
        for name in self.LOGGERS:
            logging.getLogger(name).removeFilter(self)


@dataclass(slots=True)
class Pusher:
    """Pushes what `collect` gives: at once, every interval, and once more when it is closed.

    `collect` is called on the pusher's own thread and gives None where there is nothing new. There is no queue: what
    could not be sent is not sent later. `what` names the figures in the log. Raises OtlpError.
    """

    collect: Callable[[], MetricsData | None]
    where: Target
    what: str = "metrics"
    monotonic: Callable[[], float] = time.monotonic
    _exporter: MetricExporter = field(init=False)
    _thread: threading.Thread = field(init=False)
    _over: threading.Event = field(default_factory=threading.Event)
    _given_up: bool = False
    _failing: bool = False

    def __post_init__(self) -> None:
        self._exporter = exporter_for(self.where)
        self._thread = threading.Thread(target=self._run, name=f"mixdesk otlp {self.what}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        heard = _Heard()
        try:
            while not self._over.is_set():
                due = self.monotonic() + self.where.interval_s
                self._push(heard)
                self._over.wait(max(due - self.monotonic(), 0.0))
            if not self._given_up:
                self._push(heard)
        finally:
            heard.end()

    def _push(self, heard: _Heard) -> None:
        heard.last = ""
        try:
            data = self.collect()
            if data is None:
                return
            good = self._exporter.export(data).name == "SUCCESS"
        except Exception as error:  # noqa: BLE001 - a push that fails must not end those after it
            good, heard.last = False, f"{type(error).__name__}: {error}"
        self._say(good, heard.last)

    def _say(self, good: bool, why: str) -> None:
        """One line when it begins to fail, one when it is well again."""
        if good != self._failing or self._given_up:
            return
        self._failing = not good
        if good:
            log.info("OTLP: %s are pushed to %s again", self.what, self.where.url)
        else:
            log.warning("OTLP: %s are not pushed to %s: %s", self.what, self.where.url, why or "no answer")

    def close(self) -> None:
        """Pushes what there is now and ends, within a second whatever the collector does."""
        self._over.set()
        self._thread.join(LAST_S)
        self._given_up = True
        # A push that is under way is cut off; should even that hang, it is left to itself.
        cut = threading.Thread(target=self._exporter.shutdown, name="mixdesk otlp end", daemon=True)
        cut.start()
        cut.join(CUT_S)


# -- the meters of this host -----------------------------------------------------------------------------


def start(
    sampler: Sampler,
    *,
    roots: Roots | None = None,
    endpoint: str | None = None,
    env: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
) -> Pusher:
    """Begins to push the figures of this host; `close` what is returned before the sampler.

    `endpoint` is a collector's address from the settings. Raises OtlpError where the packages are missing or a
    variable is wrong.
    """
    where = target(env, endpoint)
    return Pusher(collector_of(sampler, roots or Roots(), where.interval_s, clock()), where, "metrics of this host")


def collector_of(sampler: Sampler, roots: Roots, interval_s: float, began: float) -> Callable[[], MetricsData | None]:
    """What gives the newest snapshot as OTLP, each one once.

    An interval of 20 s or more keeps the sampler no more awake than it is; who pushes faster wants fresh figures and
    counts as a reader. Raises OtlpError without OpenTelemetry.
    """
    try:
        from mixdesk_exporter.exposition.otlp import HostMetrics, resource
    except ImportError as error:
        raise OtlpError(f"OTLP metrics need OpenTelemetry's SDK: {INSTALL} ({error})") from error
    metrics = HostMetrics(resource(identity(SERVICE, os.uname().nodename, roots)), began)
    max_age_s = AGE_S if interval_s >= AGE_S else interval_s / 2
    pushed = float("-inf")  # monotonic seconds of the last one

    def collect() -> MetricsData | None:
        nonlocal pushed
        snapshot = sampler.snapshot(max_age_s)
        if snapshot.taken == pushed:
            return None
        pushed = snapshot.taken
        return metrics.of(snapshot)

    return collect


def identity(service: str, host: str, roots: Roots) -> dict[str, str]:
    """The attributes of who sends: https://opentelemetry.io/docs/specs/semconv/resource/ (service, host, os)."""
    return {
        "service.name": service,
        "service.instance.id": host,
        "service.version": version(),
        "host.name": host,
        "host.arch": _arch(platform.machine()),
        "os.type": platform.system().lower(),
        **({"host.id": found} if (found := _machine_id(roots.rootfs)) else {}),
    }


def _arch(machine: str) -> str:
    """As the conventions spell it."""
    return {"x86_64": "amd64", "aarch64": "arm64", "i686": "x86"}.get(machine, machine)


def _machine_id(rootfs: Path) -> str:
    """The host's own; '' where it has none or it may not be read."""
    for name in ("etc/machine-id", "var/lib/dbus/machine-id"):
        try:
            return (rootfs / name).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
    return ""
