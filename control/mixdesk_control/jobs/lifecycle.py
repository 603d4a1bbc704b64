"""Which status may follow which. Pure.

Reports are coalesced, so a job may skip statuses: whatever can be reached over the edges is legal.
"""

from __future__ import annotations

from collections.abc import Mapping

from mixdesk.wire import (
    CANCELED,
    FAILED,
    FINAL_STATUSES,
    FINALIZING,
    OPEN_STATUSES,
    PAUSED,
    QUEUED,
    RUNNING,
    STARTING,
    STATUSES,
    SUCCEEDED,
)

LOST = "lost"  # never a status of its own: what views, filters and metrics say while the lease has run out

_FORWARD: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({STARTING}),
    STARTING: frozenset({RUNNING}),
    RUNNING: frozenset({PAUSED, FINALIZING}),
    PAUSED: frozenset({RUNNING}),
    FINALIZING: frozenset({SUCCEEDED}),
}

EDGES: Mapping[str, frozenset[str]] = {
    status: _FORWARD.get(status, frozenset())
    | (frozenset({FAILED, CANCELED}) if status in OPEN_STATUSES else frozenset())
    for status in STATUSES
}


def _closure(start: str) -> frozenset[str]:
    reached: set[str] = {start}
    waiting = [start]
    while waiting:
        fresh = EDGES[waiting.pop()] - reached
        reached |= fresh
        waiting.extend(fresh)
    return frozenset(reached)


REACHABLE: Mapping[str, frozenset[str]] = {status: _closure(status) for status in STATUSES}


def is_final(status: str) -> bool:
    """Whether a job with this status is over."""
    return status in FINAL_STATUSES


def has_lease(status: str) -> bool:
    """Whether silence means that the job is lost; a queued one has nobody who could report."""
    return status in OPEN_STATUSES and status != QUEUED


def refusal(before: str, after: str, *, desk_final: bool = False) -> str | None:
    """Why a report may not move a job from `before` to `after`; None where it may.

    desk_final  the desk itself ended the job while it was lost: a later report of the same key corrects it
    """
    if desk_final or after in REACHABLE[before]:
        return None
    if is_final(before):
        return f"the job has ended ({before}): it cannot become {after}"
    return f"a job cannot go back from {before} to {after}"
