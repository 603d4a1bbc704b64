"""The desk's own families pushed by OTLP: jobs now, and whatever else is handed in. Exporters push their hosts'."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from prometheus_client import Metric

from mixdesk_exporter.family import Family
from mixdesk_exporter.host import Roots
from mixdesk_exporter.otlp import Pusher, identity
from mixdesk_exporter.otlp_target import target

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.resources import Resource

SERVICE = "mixdesk"
LOOP_S = 5.0  # how long the event loop may be busy with other things
STARTED = "mixdesk_job_started_timestamp_seconds"

Make = Callable[[], Iterable[Metric | Family]]
Collect = Callable[[], Make]


class JobMetricsPusher:
    """Pushes families until it is stopped; a collector that is away costs the desk one line in the log.

    `collect` is called on the event loop, where jobs stand still; what it returns makes the families on the
    pusher's thread. Raises OtlpError for a variable of OpenTelemetry that cannot be.
    """

    def __init__(
        self,
        collect: Collect,
        endpoint: str | None,
        env: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._collect = collect
        self._clock = clock
        self._began = clock()
        self._where = target(env, endpoint)
        self._pusher: Pusher | None = None

    async def start(self) -> None:
        """Begins. OpenTelemetry is imported now, on another thread. Raises OtlpError without it."""
        loop = asyncio.get_running_loop()
        self._pusher = await asyncio.to_thread(self._opened, loop)

    def _opened(self, loop: asyncio.AbstractEventLoop) -> Pusher:
        from mixdesk_exporter.exposition.otlp import resource

        sender = resource(identity(SERVICE, os.uname().nodename, Roots()))
        return Pusher(lambda: self._read(loop, sender), self._where, "metrics of jobs")

    def _read(self, loop: asyncio.AbstractEventLoop, sender: Resource) -> MetricsData:
        answer: concurrent.futures.Future[Make] = concurrent.futures.Future()
        loop.call_soon_threadsafe(_answer, answer, self._collect)
        families = list(answer.result(LOOP_S)())
        return metrics_data(families, self._clock(), self._began, sender)

    async def stop(self) -> None:
        """A last push, a second at most."""
        if self._pusher is not None:
            await asyncio.to_thread(self._pusher.close)


def _answer(answer: concurrent.futures.Future[Make], collect: Collect) -> None:
    try:
        answer.set_result(collect())
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        answer.set_exception(error)


def metrics_data(families: Sequence[Metric | Family], at: float, began: float, sender: Resource) -> MetricsData:
    """Families as they hold `at`; counters count since `began`, a job's own ones since it started."""
    from opentelemetry.sdk.metrics.export import MetricsData

    from mixdesk_exporter.exposition.otlp import OWN, packed, scope
    from mixdesk_exporter.exposition.otlp.families import metrics_of

    started = {
        sample.labels["job_id"]: sample.value
        for family in families
        if family.name == STARTED
        for sample in family.samples
    }
    metrics = metrics_of(families, at, began, lambda labels: started.get(labels.get("job_id", "")))
    return MetricsData([packed(sender, {scope(OWN): metrics})])
