"""How far a job is: the plan's weighted sum. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

DONE_STATES = frozenset({"done", "skipped"})


class PhaseFacts(Protocol):
    """What is counted of one phase: weight in percent, state, and units done of a total."""

    weight: float
    state: str
    done: float
    total: float | None


def completion(state: str, done: float, total: float | None) -> float:
    """The completed part of one phase, 0 to 1; 0 where the total is unknown and it has not ended."""
    if state in DONE_STATES:
        return 1.0
    if state == "pending" or not total or total <= 0:
        return 0.0
    return min(max(done / total, 0.0), 1.0)


def percent(phases: Iterable[PhaseFacts]) -> float:
    """`progress_percent` = sum of weight x completion, 0 to 100 (the plan, section 1.2)."""
    total = sum(phase.weight * completion(phase.state, phase.done, phase.total) for phase in phases)
    return min(max(total, 0.0), 100.0)


def shown(value: float, floor: float, status: str) -> float:
    """What may be shown: never below what was shown before, 100 only at `succeeded`."""
    if status == "succeeded":
        return 100.0
    return min(max(value, floor), 99.9)
