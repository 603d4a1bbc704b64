"""What is written once of a job that ends: its history, where its time went, how true its progress was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mixdesk import wire
from mixdesk_control.jobs import work
from mixdesk_control.jobs.board import points_of
from mixdesk_control.jobs.clock import corrected, moment
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
    pauses = _pauses(change.after, job)
    if pauses is None:
        return  # a pause that is taken for work would spoil the guesses for all runs to come
    change.phase_times = list(_phase_times(change.after, pauses))
    if job is None:
        return
    started = change.after.document.started_at or change.after.created_at
    ended = _ended_at(change.after, now)
    progress, etas = (list(change.points.get(name, ())) for name in (PROGRESS, ETA))
    change.score = score(progress, etas, started, ended, pauses)


def _pauses(after: State, job: Job | None) -> list[tuple[float, float]] | None:
    """When the job was paused, in the desk's clock; None where that is not known."""
    if job is not None:
        return job.pace.known_pauses
    return None if may_have_paused(after.report) else []


def may_have_paused(report: wire.Report) -> bool:
    """Of a job that the desk never saw: a trainer that has obeyed a wish may have been paused."""
    return report.observed.run > 0


def _ended_at(state: State, now: float) -> float:
    """In the desk's clock. A spool may tell of it hours later."""
    ended = corrected(moment(state.report.completed_at), state.clock_offset)
    return now if ended is None else min(ended, now)


def _phase_times(state: State, pauses: Sequence[tuple[float, float]]) -> Iterator[PhaseTime]:
    """`units` is 0 where none were counted."""
    offset = state.clock_offset
    for spent in work.spent(state.report, [(begin - offset, end - offset) for begin, end in pauses]):
        amount = spent.amount
        yield PhaseTime(spent.place, spent.weight, amount.units or 0.0, spent.seconds, amount.unit, amount.expected)


def duration(phase: wire.PhaseReport) -> float | None:
    """Seconds that an ended phase took; None where its times are not known."""
    started, ended = moment(phase.started_at), moment(phase.ended_at)
    return None if started is None or ended is None else max(ended - started, 0.0)
