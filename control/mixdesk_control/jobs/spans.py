"""Spans of jobs, made from their reports: sent where the desk has an OTLP endpoint. Times stay the trainer's.

job TYPE
├── phase KEY      one a weighted phase that was begun
└── checkpoint     one a saved file
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mixdesk import wire
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.state import State

ENDED = ("done", "failed", "canceled")

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Span:
    """One span that has ended. Ids in hex, times in seconds since the epoch."""

    job_id: str
    trace_id: str
    span_id: str
    name: str
    started: float
    ended: float
    host: str
    parent_id: str | None = None
    error: str | None = None
    failed: bool = False
    attributes: Mapping[str, Value] = field(default_factory=dict)


def ended_spans(state: State) -> Iterator[Span]:
    """The spans of a job that have ended and that no collector has yet. Pure."""
    report, sent = state.report, set(state.document.spans_sent)
    if not state.document.spans or report.trace_id is None or report.span_id is None:
        return
    for span in (*_phases(state), *_checkpoints(state), *_job(state)):
        if span.span_id not in sent:
            yield span


def _phases(state: State) -> Iterator[Span]:
    for index, phase in enumerate(state.report.phases):
        ended = phase.state in ENDED or state.is_final
        if ended and phase.span_id is not None:
            yield from _span(
                state,
                phase.span_id,
                f"phase {phase.key}",
                moment(phase.started_at),
                moment(phase.ended_at) or moment(state.report.completed_at),
                parent_id=state.report.span_id,
                failed=phase.state == "failed",
                more={
                    "mixdesk.phase.key": phase.key,
                    "mixdesk.phase.weight": phase.weight,
                    "mixdesk.phase.index": index,
                },
            )


def _checkpoints(state: State) -> Iterator[Span]:
    by_path = {record.path: record for record in (*state.document.checkpoints, *state.report.checkpoints)}
    for record in by_path.values():
        if record.span_id is not None:
            yield from _span(
                state,
                record.span_id,
                "checkpoint",
                moment(record.started_at),
                moment(record.saved_at),
                parent_id=state.report.span_id,
                more=_saved(record),
            )


def _saved(record: wire.CheckpointRecord) -> dict[str, Value]:
    names = ("path", "epoch", "step", "size", "reason")
    return {f"mixdesk.checkpoint.{name}": getattr(record, name) for name in names}


def _job(state: State) -> Iterator[Span]:
    report = state.report
    if not state.is_final or report.span_id is None:
        return
    ended = moment(report.completed_at)
    if ended is None and state.last_report_at is not None:
        ended = state.last_report_at - state.clock_offset
    failed, started = state.status == wire.FAILED, moment(report.started_at) or moment(report.created_at)
    yield from _span(state, report.span_id, f"job {state.job_type}", started, ended, failed=failed, error=state.error)


def _span(
    state: State,
    span_id: str,
    name: str,
    started: float | None,
    ended: float | None,
    *,
    parent_id: str | None = None,
    failed: bool = False,
    error: str | None = None,
    more: Mapping[str, Value] | None = None,
) -> Iterator[Span]:
    """One span, or none where its times are not known."""
    trace_id = state.report.trace_id
    if started is None or ended is None or trace_id is None:
        return
    attributes: dict[str, Value] = {
        "mixdesk.job.id": state.job_id,
        "mixdesk.job.type": state.job_type,
        "mixdesk.job.name": state.name or "",
        "mixdesk.job.attempt": state.report.attempt,
    }
    yield Span(
        job_id=state.job_id,
        trace_id=trace_id,
        span_id=span_id,
        name=name,
        started=started,
        ended=max(ended, started),
        host=state.host or "",
        parent_id=parent_id,
        failed=failed,
        error=error,
        attributes=attributes | dict(more or {}),
    )
