"""Spans on their way to a collector. The OpenTelemetry SDK is imported when the first one is sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixdesk_control.jobs.board import Board
from mixdesk_control.jobs.rows import Change
from mixdesk_control.jobs.spans import Span, ended_spans
from mixdesk_control.jobs.state import Job, State

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

SERVICE = "mixdesk-jobs"
MOST_WAITING = 20_000
BATCH = 500
GATHER_S = 0.5
TIMEOUT_S = 5
FIRST_RETRY_S, LAST_RETRY_S = 1.0, 60.0
STOP_S = 2.0

log = logging.getLogger(__name__)


class SpanEmitter:
    """Sends what ended, in the background. What a collector has is noted in the job: a restart sends the rest."""

    def __init__(self, board: Board, endpoint: str) -> None:
        self._board = board
        self._endpoint = endpoint
        self._waiting: deque[Span] = deque()
        self._queued: set[str] = set()
        self._overflowed = False
        self.left_out = 0  # changes of jobs whose spans found no room
        self._some = asyncio.Event()
        self._exporter: SpanExporter | None = None
        self._sending: asyncio.Future[bool] | None = None

    def changed(self, _change: Change, job: Job) -> None:
        """A committed change; its spans wait from now on."""
        self.see(job)

    def see(self, job: Job) -> None:
        """Queues what has ended of a job."""
        for span in ended_spans(job.state):
            if span.span_id in self._queued:
                continue
            if len(self._waiting) >= MOST_WAITING:
                self._overflow()
                return
            self._queued.add(span.span_id)
            self._waiting.append(span)
            self._some.set()

    def _overflow(self) -> None:
        """One log line an outage. What found no room is still in its job, and is looked for once there is room."""
        self.left_out += 1
        if not self._overflowed:
            self._overflowed = True
            log.warning(
                "the collector at %s takes nothing, and %d spans wait: later ones wait in their jobs",
                self._endpoint,
                MOST_WAITING,
            )

    def _catch_up(self) -> None:
        if self._overflowed:
            self._overflowed = False
            log.warning(
                "the collector at %s takes spans again; those of %d changes are looked for in the jobs",
                self._endpoint,
                self.left_out,
            )
            for job in list(self._board.jobs()):
                self.see(job)

    async def run(self) -> None:
        """Sends until it is cancelled; a collector that is away is tried again ever more rarely."""
        retry = FIRST_RETRY_S
        while True:
            await self._some.wait()
            await asyncio.sleep(GATHER_S)
            # Whoever ends this task meanwhile leaves the batch to `stop`: it is not sent twice.
            self._sending = asyncio.ensure_future(self._send())
            if await asyncio.shield(self._sending):
                retry = FIRST_RETRY_S
            else:
                await asyncio.sleep(retry)
                retry = min(retry * 2, LAST_RETRY_S)

    async def stop(self) -> None:
        """A last attempt, two seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                if self._sending is not None:
                    await self._sending
                while self._waiting and await self._send():
                    pass

    async def _send(self) -> bool:
        batch = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
        if batch and not await asyncio.to_thread(self._export, batch):
            return False
        for _ in batch:
            self._waiting.popleft()
        try:
            await self._note(batch)
        finally:  # not before: a change of the job meanwhile would queue them once more
            self._queued.difference_update(span.span_id for span in batch)
        if not self._waiting:
            self._some.clear()
            self._catch_up()
        return True

    def _export(self, batch: Sequence[Span]) -> bool:
        from opentelemetry.sdk.trace.export import SpanExportResult

        if self._exporter is None:
            self._exporter = exporter_for(self._endpoint)
        return self._exporter.export(readable(batch)) is SpanExportResult.SUCCESS

    async def _note(self, batch: Iterable[Span]) -> None:
        sent: dict[str, list[str]] = {}
        for span in batch:
            sent.setdefault(span.job_id, []).append(span.span_id)
        for job_id, span_ids in sent.items():
            async with self._board.held(job_id) as slot:
                if slot.job is not None:
                    self._board.apply(slot.job, self._noted(slot.job, span_ids))

    def _noted(self, job: Job, span_ids: Sequence[str]) -> State:
        document = replace(job.state.document, spans_sent=[*job.state.document.spans_sent, *span_ids])
        return job.state.changed(document=document, revision=self._board.next_revision())


def exporter_for(endpoint: str) -> SpanExporter:
    """gRPC where the environment says so or the port is 4317, else HTTP; `endpoint` is the collector's address."""
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if protocol == "grpc" or (not protocol and parts.port == 4317):
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter

        return GrpcExporter(endpoint=endpoint, timeout=TIMEOUT_S)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    base = endpoint.rstrip("/")
    return OTLPSpanExporter(endpoint=base if base.endswith("/v1/traces") else f"{base}/v1/traces", timeout=TIMEOUT_S)


def readable(spans: Iterable[Span]) -> list[ReadableSpan]:
    """Our spans as the SDK's."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    def context(span: Span, span_id: str) -> SpanContext:
        return SpanContext(int(span.trace_id, 16), int(span_id, 16), False, TraceFlags(TraceFlags.SAMPLED))

    return [
        ReadableSpan(
            name=span.name,
            context=context(span, span.span_id),
            parent=None if span.parent_id is None else context(span, span.parent_id),
            resource=Resource({"service.name": SERVICE, "host.name": span.host}),
            attributes=span.attributes,
            kind=SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR, span.error) if span.failed else Status(StatusCode.UNSET),
            start_time=int(span.started * 1e9),
            end_time=int(span.ended * 1e9),
            instrumentation_scope=InstrumentationScope("mixdesk"),
        )
        for span in spans
    ]
