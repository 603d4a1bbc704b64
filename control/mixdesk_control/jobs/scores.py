"""How true the progress of a finished job was. Pure.

u = elapsed / duration, where pauses do not count. An error is the mean of |shown - u| over the time of the run, so 0.05
means five points of percent; the error of an ETA is |ETA - time that was left| / duration. Between two reports a reader
sees the percentage stand still and the ETA count down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from mixdesk_control.jobs.points import Point

AT_PERCENT = (10, 50, 90)
SHORTEST_S = 1.0
FEWEST = 3

Said = tuple[float, float, float]  # from, to (seconds of the run), value


def score(
    progress: Sequence[Point],
    etas: Sequence[Point],
    started: float,
    ended: float,
    pauses: Sequence[tuple[float, float]] = (),
) -> dict[str, float] | None:
    """The score of one run from its history points; None for one that is too short to have one.

    progress_error  of `progress_percent`;  eta_progress_error  of elapsed / (elapsed + ETA)
    eta_known       the part of the run that had an ETA
    eta_error_10, eta_error_50, eta_error_90  of the ETA at these parts of the run, where there was one
    """
    duration = _running(ended, started, pauses)
    if duration < SHORTEST_S or len(progress) < FEWEST:
        return None
    shown = list(_held(progress, started, ended, pauses))
    told = [said for said in _held(etas, started, ended, pauses) if math.isfinite(said[2])]
    found = {"progress_error": _mean([(said, _stands(said, duration)) for said in shown])}
    if told:
        found["eta_progress_error"] = _mean([(said, _counts_down(said, duration)) for said in told])
        found["eta_known"] = min(sum(end - at for at, end, _ in told) / duration, 1.0)
    for percent in AT_PERCENT:
        error = _eta_error(told, duration * percent / 100.0, duration)
        if error is not None:
            found[f"eta_error_{percent}"] = error
    return {name: round(value, 6) for name, value in found.items()}


def _running(at: float, started: float, pauses: Sequence[tuple[float, float]]) -> float:
    """Seconds a job had run by a time, its pauses left out."""
    rested = sum(max(min(end, at) - max(begin, started), 0.0) for begin, end in pauses)
    return max(at - started - rested, 0.0)


def _held(
    points: Sequence[Point], started: float, ended: float, pauses: Sequence[tuple[float, float]]
) -> Iterator[Said]:
    """Each value holds until the next one."""
    times = [*(_running(min(at, ended), started, pauses) for at, _, _ in points), _running(ended, started, pauses)]
    for index, (_, _, value) in enumerate(points):
        yield times[index], max(times[index + 1], times[index]), value


def _mean(errors: Sequence[tuple[Said, float]]) -> float:
    whole = sum(end - at for (at, end, _), _ in errors)
    return sum(error for _, error in errors) / whole if whole > 0 else 0.0


def _stands(said: Said, duration: float) -> float:
    """The integral of |percentage - u|, taken at both ends."""
    at, end, percent = said
    first, last = abs(percent / 100.0 - at / duration), abs(percent / 100.0 - end / duration)
    return (end - at) * (first + last) / 2.0


def _counts_down(said: Said, duration: float) -> float:
    """The integral of |elapsed / (elapsed + ETA) - u|: it grows with time, and is 1 from where the ETA has run out."""
    at, end, left = said
    over = at + max(left, 0.0)
    turn = min(max(over, at), end)
    growing = abs(1.0 / over - 1.0 / duration) * (turn**2 - at**2) / 2.0 if over > 0 else 0.0
    return growing + (end - turn) - (end**2 - turn**2) / (2.0 * duration)


def _eta_error(told: Sequence[Said], at: float, duration: float) -> float | None:
    found = next(((begin, left) for begin, end, left in told if begin <= at <= end), None)
    if found is None:
        return None
    begin, left = found
    return abs(max(left - (at - begin), 0.0) - (duration - at)) / duration
