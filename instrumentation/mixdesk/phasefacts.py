"""What is known of one phase of a job, in plain memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import wire
from .guard import say_once
from .identity import new_span_id
from .jobtypes import Step


@dataclass(slots=True)
class PhaseFacts:
    """One weighted phase as the loop knows it. Times are seconds since the epoch.

    began, work, expected  as in wire.PhaseReport
    """

    key: str
    label: str
    weight: float
    state: str = "pending"
    done: float = 0.0
    total: float | None = None
    unit: str = "items"
    started_at: float | None = None
    ended_at: float | None = None
    span_id: str = field(default_factory=new_span_id)
    entered: int = 0
    began: float = 0.0
    work: float | None = None
    expected: float | None = None

    def report(self) -> wire.PhaseReport:
        """As a report carries it."""
        return wire.PhaseReport(
            key=self.key,
            label=self.label,
            weight=self.weight,
            state=self.state,
            done=finite(self.done, self.key) or 0.0,
            total=finite(self.total, self.key),
            unit=self.unit,
            started_at=time_text(self.started_at),
            ended_at=time_text(self.ended_at),
            span_id=self.span_id if self.started_at is not None else None,
            began=finite(self.began, self.key) or 0.0,
            work=self.work,
            expected=finite(self.expected, self.key),
        )

    def begin(self, now: float) -> None:
        """It is entered; where it was entered before, its items count anew."""
        self.entered += 1
        if self.state == "running":
            return
        self.state, self.ended_at = "running", None
        self.started_at = self.started_at or now
        if self.unit != "epochs":
            self.done = 0.0
        self.began = self.done

    def end(self, state: str, now: float) -> None:
        """It is left; one that was skipped stays so."""
        if self.state == "running":
            self.state = state
        self.ended_at = now

    def adopt(self, report: wire.PhaseReport) -> None:
        """Go on from what another process of the job reported."""
        self.label, self.weight, self.state = report.label, report.weight, report.state
        self.done, self.total, self.unit = report.done, report.total, report.unit
        self.began, self.work, self.expected = report.began, report.work, report.expected
        self.started_at, self.ended_at = seconds(report.started_at), seconds(report.ended_at)
        self.span_id = report.span_id or self.span_id
        self.entered = max(self.entered, 1 if report.started_at else 0)


def phases_of(steps: Iterable[Step]) -> dict[str, PhaseFacts]:
    """Pending phases, in the order of the steps."""
    return {step.key: PhaseFacts(step.key, step.label, step.weight) for step in steps}


def time_text(moment: float | None) -> str | None:
    """RFC 3339, or None."""
    return None if moment is None else wire.now_text(moment)


def seconds(text: str | None) -> float | None:
    """Seconds since the epoch, or None."""
    return None if text is None else wire.seconds_of(text)


def finite(value: Any, key: str) -> float | None:
    """A finite float, or None for what is none: one bad number never keeps a report from being sent."""
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        say_once(f"count:{key}", "a count of phase %r is no number and is left out: %s", key, error)
        return None
    return number if -1e300 < number < 1e300 else None
