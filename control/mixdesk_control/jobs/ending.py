"""What is written once of a job that ends: its history, how long its phases took, how true its progress was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mixdesk import wire
from mixdesk_control.jobs.board import points_of
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.names import ETA, PROGRESS
from mixdesk_control.jobs.rows import Change, PhaseTime
from mixdesk_control.jobs.scores import score
from mixdesk_control.jobs.state import Job, State


def complete(change: Change, job: Job | None, now: float) -> None:
    """Adds to the change of a job's end what is kept of it."""
    if job is not None:
        change.points = points_of(job)
    if change.after.status != wire.SUCCEEDED:
        return
    change.phase_times = list(_phase_times(change.after, {} if job is None else job.pace.began))
    if job is None:
        return
    started = change.after.document.started_at or change.after.created_at
    change.score = score(change.points.get(PROGRESS, []), change.points.get(ETA, []), started, now)


def _phase_times(state: State, began: Mapping[str, float]) -> Iterator[PhaseTime]:
    for phase in state.report.phases:
        seconds = duration(phase)
        units = (phase.total or phase.done or 1.0) * (1.0 - began.get(phase.key, 0.0))
        if phase.state == "done" and seconds is not None and units > 0:
            yield PhaseTime(phase.key, phase.weight, units, seconds)


def duration(phase: wire.PhaseReport) -> float | None:
    """Seconds that an ended phase took; None where its times are not known."""
    started, ended = moment(phase.started_at), moment(phase.ended_at)
    return None if started is None or ended is None else max(ended - started, 0.0)
