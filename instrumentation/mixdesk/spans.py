"""Spans of a job. The desk emits them from the reports, or this process does by the OpenTelemetry API.

Here the ids are held, so that the user's own spans nest under the phase. Finished spans are emitted by the
reporter's thread, never by the loop.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from . import wire
from .facts import JobFacts
from .guard import guarded, say_once
from .phasefacts import PhaseFacts, seconds

EXIT_WAIT_S = 0.9  # and what the end itself takes: a second in all
_Attributes = Mapping[str, str | int | float]


class Spans:
    """The spans of one job. `foreign`: ids of those that another process of the job has ended, and emitted."""

    def __init__(
        self, facts: JobFacts, foreign: Collection[str] = (), provider: Callable[[], Any] | None = None
    ) -> None:
        self._facts = facts
        self._foreign = foreign
        self._provider = provider or _provider
        self._tokens: dict[str, Any] = {}
        self._emitted: set[str] = set()
        self._lock = threading.Lock()
        self.by_desk: bool | None = None  # None until it is settled

    def settle(self, by_desk: bool) -> None:
        """Who emits the spans: what the first answer says, or this process where there is no desk. Once for good."""
        if self.by_desk is None:
            self.by_desk = by_desk
            self._facts.own_spans = not by_desk

    # -- in the loop's thread: the context under which the user's own spans nest -----------------------

    @guarded
    def enter(self, span_id: str) -> None:
        """Make this span the current one of the calling thread."""
        held = NonRecordingSpan(_context(self._facts.trace_id, span_id))
        self._tokens[span_id] = otel_context.attach(trace.set_span_in_context(held))

    @guarded
    def leave(self, span_id: str) -> None:
        """Make the one before current again."""
        token = self._tokens.pop(span_id, None)
        if token is not None:
            otel_context.detach(token)

    # -- in the reporter's thread ------------------------------------------------------------------------

    @guarded
    def emit(self, *, over: bool = False) -> None:
        """Emit what has ended, where this process is the emitter; with `over` also the job's own span."""
        if self.by_desk is not False:
            return
        with self._lock:
            self._emit_ended(over)

    def _emit_ended(self, over: bool) -> None:
        facts = self._facts
        phases = list(facts.phases.values())
        for index, phase in enumerate(phases):
            if phase.ended_at is not None and (over or not _is_within(phase, phases)):
                self._emit_phase(index, phase)
        for record in facts.checkpoints:
            if record.span_id and record.started_at:
                times = (seconds(record.started_at), seconds(record.saved_at))
                self._emit("checkpoint", record.span_id, facts.span_id, times, _of_checkpoint(record))
        if over:
            times = (facts.started_at, facts.completed_at)
            self._emit(f"job {facts.job_type}", facts.span_id, None, times, {}, failed=facts.error)

    def flush(self) -> threading.Thread | None:
        """Begin to send what this library emitted through an SDK of its own."""
        if _own is None:
            return None
        worker = threading.Thread(target=_own.force_flush, args=(int(EXIT_WAIT_S * 1000),), daemon=True)
        try:
            worker.start()
        except RuntimeError:  # the interpreter is shutting down, and starts no threads any more
            return None
        return worker

    def shut_down(self, deadline: float) -> None:
        """Have it sent, until `deadline` (monotonic seconds) at most."""
        worker = self.flush()
        if worker is not None:
            worker.join(max(deadline - time.monotonic(), 0.0))

    def _emit_phase(self, index: int, phase: PhaseFacts) -> None:
        attributes: dict[str, str | int | float] = {
            "mixdesk.phase.key": phase.key,
            "mixdesk.phase.weight": phase.weight,
            "mixdesk.phase.index": index,
        }
        failed = phase.state if phase.state == "failed" else None
        times = (phase.started_at, phase.ended_at)
        self._emit(f"phase {phase.key}", phase.span_id, self._facts.span_id, times, attributes, failed=failed)

    def _emit(
        self,
        name: str,
        span_id: str,
        parent: str | None,
        times: tuple[float | None, float | None],
        attributes: _Attributes,
        failed: str | None = None,
    ) -> None:
        start, end = times
        if span_id in self._emitted or span_id in self._foreign or start is None or end is None:
            return
        self._emitted.add(span_id)
        facts = self._facts
        common: dict[str, str | int | float] = {
            "mixdesk.job.id": facts.job_id,
            "mixdesk.job.type": facts.job_type,
            "mixdesk.job.name": facts.name or "",
            "mixdesk.job.attempt": facts.attempt,
        }
        under = trace.set_span_in_context(NonRecordingSpan(_context(facts.trace_id, parent))) if parent else _NO_PARENT
        tracer = self._provider().get_tracer("mixdesk")
        if hasattr(tracer, "id_generator"):  # the SDK's, which others may share: the ids are settled already
            tracer = copy.copy(tracer)
            tracer.id_generator = _Ids(facts.trace_id, span_id)
        span = tracer.start_span(name, context=under, attributes={**common, **attributes}, start_time=int(start * 1e9))
        if failed:
            span.set_status(Status(StatusCode.ERROR, failed[:200]))
        span.end(int(end * 1e9))


def _is_within(phase: PhaseFacts, phases: list[PhaseFacts]) -> bool:
    """True for a phase that has ended within one that still runs (an evaluation): it may be entered again."""
    began = phase.started_at or 0.0
    return any(other.state == "running" and (other.started_at or 0.0) <= began for other in phases)


class _Ids:
    """An id generator that gives the ids which the job holds."""

    def __init__(self, trace_id: str, span_id: str) -> None:
        self._trace_id, self._span_id = int(trace_id, 16), int(span_id, 16)

    def generate_trace_id(self) -> int:
        return self._trace_id

    def generate_span_id(self) -> int:
        return self._span_id

    def is_trace_id_random(self) -> bool:
        return True


def _of_checkpoint(record: wire.CheckpointRecord) -> _Attributes:
    names = ("path", "epoch", "step", "size", "reason")  # as the desk names them
    return {f"mixdesk.checkpoint.{name}": getattr(record, name) for name in names}


_NO_PARENT = trace.set_span_in_context(trace.INVALID_SPAN)
_own: Any = None
_own_lock = threading.Lock()


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def prepare() -> None:
    """Import an SDK where one of our own will be needed; see `link.prepare`."""
    if _endpoint() and not hasattr(trace.get_tracer_provider(), "add_span_processor"):
        with contextlib.suppress(ImportError):  # said when it is needed
            importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")


def _provider() -> Any:
    """The user's tracer provider; where they set an OTLP endpoint and no SDK, one of our own."""
    given = trace.get_tracer_provider()
    if hasattr(given, "add_span_processor") or not _endpoint():
        return given
    return _own_provider() or given


def _endpoint() -> str | None:
    return os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")


def _own_provider() -> Any:
    global _own
    with _own_lock:
        if _own is None:
            try:
                from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
                from opentelemetry.sdk.resources import Resource
                from opentelemetry.sdk.trace import TracerProvider
                from opentelemetry.sdk.trace.export import BatchSpanProcessor
            except ImportError:
                say_once("otel", "an OTLP endpoint is set, but not installed: pip install 'mixdesk[otel]'")
                return None
            resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "mixdesk-jobs")})
            # no atexit hook: a dead collector would hold the exit for ten seconds
            _own = TracerProvider(resource=resource, shutdown_on_exit=False)
            _own.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=2)))
        return _own


def _forget_lock_in_child() -> None:
    global _own_lock
    _own_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock_in_child)
