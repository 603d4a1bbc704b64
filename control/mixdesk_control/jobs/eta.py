"""When a job will be over: from the speed seen and the weights, before there is history. Pure.

The running phase needs what is missing of it at its own speed; a phase that has not begun needs its weight times
the seconds that a point of weight has taken in this attempt. Where a term is not known there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mixdesk.wire import PhaseReport
from mixdesk_control.jobs.clock import moment
from mixdesk_control.jobs.pace import Pace

SEEN_WELL_S = 1.0


@dataclass(frozen=True, slots=True)
class Eta:
    """Seconds until the end; low and high where past runs scatter. None while unknown."""

    seconds: float | None = None
    low: float | None = None
    high: float | None = None


UNKNOWN = Eta()


def predict(phases: Sequence[PhaseReport], completions: Mapping[str, float], pace: Pace) -> Eta:
    """The ETA of a running job. `completions` are 0 to 1 by phase key."""
    point_s = seconds_per_point(phases, completions, pace)
    total = 0.0
    for phase in _to_come(phases):
        left = _left(phase, completions[phase.key], pace, point_s)
        if left is None:
            return UNKNOWN
        total += left
    return Eta(round(total, 3))


def _to_come(phases: Sequence[PhaseReport]) -> Iterator[PhaseReport]:
    """What runs, and what waits behind it; a phase that was passed over is not expected any more."""
    begun = max((index for index, phase in enumerate(phases) if phase.state != "pending"), default=-1)
    for index, phase in enumerate(phases):
        if phase.state == "running" or (phase.state == "pending" and index > begun):
            yield phase


def _left(phase: PhaseReport, completion: float, pace: Pace, point_s: float | None) -> float | None:
    by_weight = None if point_s is None else point_s * phase.weight * (1.0 - completion)
    if phase.state == "pending":
        return by_weight
    if phase.total is None:
        return None
    if completion >= 1.0:
        return 0.0
    rate = pace.rate()
    return by_weight if rate is None else (1.0 - completion) / rate


def seconds_per_point(phases: Sequence[PhaseReport], completions: Mapping[str, float], pace: Pace) -> float | None:
    """What one point of weight has taken in this attempt; None before anything was gained."""
    seconds = points = 0.0
    for phase in phases:
        gained = completions[phase.key] - pace.began.get(phase.key, 0.0)
        spent = seconds_in(phase, pace)
        if phase.state in ("running", "done") and gained > 0 and spent is not None:
            seconds += spent
            points += phase.weight * gained
    return seconds / points if points > 0 and seconds > 0 else None


def seconds_in(phase: PhaseReport, pace: Pace) -> float | None:
    """Seconds a phase has taken so far, pauses left out where the desk has seen it for a while."""
    seen = pace.spent.get(phase.key, 0.0)
    if seen >= SEEN_WELL_S:
        return seen
    started, ended = moment(phase.started_at), moment(phase.ended_at)
    if started is not None and ended is not None:
        return max(ended - started, 0.0)
    return seen or None
