"""How true the progress of a finished job was. Pure.

u = elapsed / duration. An error is the mean of |shown - u| over the time of the run, so 0.05 means five points of
percent; the error of an ETA is |ETA - time that was left| / duration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mixdesk_control.jobs.points import Point

AT_PERCENT = (10, 50, 90)
SHORTEST_S = 1.0
FEWEST = 3


def score(progress: Sequence[Point], etas: Sequence[Point], started: float, ended: float) -> dict[str, float] | None:
    """The score of one run from its history points; None for one that is too short to have one.

    progress_error  of `progress_percent`;  eta_progress_error  of elapsed / (elapsed + ETA)
    eta_error_10, eta_error_50, eta_error_90  of the ETA at these parts of the run, where there was one
    """
    duration = ended - started
    if duration < SHORTEST_S or len(progress) < FEWEST:
        return None
    found = {"progress_error": _mean_error(progress, lambda at, value: value / 100.0, started, duration)}
    if etas:
        found["eta_progress_error"] = _mean_error(
            etas, lambda at, value: _share(at - started, value), started, duration
        )
    for percent in AT_PERCENT:
        error = _eta_error(etas, started + duration * percent / 100.0, started, duration)
        if error is not None:
            found[f"eta_error_{percent}"] = error
    return {name: round(value, 6) for name, value in found.items()}


def _share(elapsed: float, left: float) -> float:
    return elapsed / (elapsed + left) if elapsed + left > 0 else 0.0


def _mean_error(
    points: Sequence[Point], shown: Callable[[float, float], float], started: float, duration: float
) -> float:
    """Each point holds until the next one; the error within is taken at both its ends."""
    ends = [*(at for at, _, _ in points[1:]), started + duration]
    whole = error = 0.0
    for (at, _, value), end in zip(points, ends, strict=True):
        length = max(end - at, 0.0)
        said = shown(at, value)
        first, last = abs(said - (at - started) / duration), abs(said - (end - started) / duration)
        whole += length
        error += length * (first + last) / 2.0
    return error / whole if whole > 0 else 0.0


def _eta_error(etas: Iterable[Point], at: float, started: float, duration: float) -> float | None:
    before = [point for point in etas if point[0] <= at]
    if not before:
        return None
    said_at, _, eta = before[-1]
    left = started + duration - at
    return abs(eta - (at - said_at) - left) / duration
