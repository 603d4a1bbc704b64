"""The phases of a job as work: how much each is, and where the time of a run goes. Pure.

A run is a row of places: phases, and the gaps before them (imports, loading, preparing a model), which take time too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mixdesk import wire
from mixdesk.wire import PhaseReport
from mixdesk_control.jobs.clock import moment

_GAP = ">"
AFTER_ALL = _GAP  # the time between the end of the last phase and that of the job
STEPS = "steps"


def gap(key: str) -> str:
    """The place before the phase `key`."""
    return _GAP + key


@dataclass(frozen=True, slots=True)
class Amount:
    """How much work a phase is: `units` as it was counted, `expected` as it was told before; None where not known."""

    units: float | None = None
    unit: str = ""
    expected: float | None = None

    def times(self, part: float) -> Amount:
        """A part of it."""
        return Amount(_times(self.units, part), self.unit, _times(self.expected, part))


NOTHING_KNOWN = Amount()


def _times(value: float | None, part: float) -> float | None:
    return None if value is None else value * part


def amount_of(phase: PhaseReport) -> Amount:
    """Epochs are counted in optimizer steps where these are known: only so are runs of other sizes alike."""
    expected = _positive(phase.expected)
    if phase.work is not None:
        return Amount(_positive(phase.work), STEPS, expected)
    counted = phase.done if phase.total is None and phase.state == "done" else phase.total
    return Amount(_positive(counted), phase.unit, expected)


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def outer_phase(phases: Sequence[PhaseReport]) -> int | None:
    """The index of the running phase that was begun first: what runs within it is part of its time."""
    running = [index for index, phase in enumerate(phases) if phase.state == "running"]
    return (
        min(running, key=lambda index: phases[index].started_at or "")
        if len(running) > 1
        else next(iter(running), None)
    )


def last_begun(phases: Sequence[PhaseReport]) -> int:
    """The index of the last phase that is not pending, or -1; pending ones before it are not expected any more."""
    return max((index for index, phase in enumerate(phases) if phase.state != "pending"), default=-1)


def place_of(phases: Sequence[PhaseReport]) -> tuple[str, int | None]:
    """Where a job is now, and the index of the phase where it is one."""
    index = outer_phase(phases)
    if index is not None:
        return phases[index].key, index
    following = next((phase.key for phase in phases[last_begun(phases) + 1 :]), "")
    return gap(following), None


@dataclass(frozen=True, slots=True)
class Spent:
    """How long one place of a finished run took, and how much work it was. `part`: of the whole phase, 0 to 1."""

    place: str
    weight: float
    amount: Amount
    seconds: float


def spent(report: wire.Report, pauses: Sequence[tuple[float, float]] = ()) -> Iterator[Spent]:
    """Where the time of a finished run went. Pauses (from, to, in the trainer's clock) do not count.

    Left out: phases that ran within others, what of a phase ran beside the one before, and what an earlier attempt did.
    """
    free_from = moment(report.started_at)
    for phase, started, ended in _in_order(report.phases):
        if free_from is not None:
            if ended <= free_from and started < free_from:
                continue
            started = max(started, free_from)
            yield _gap_of(gap(phase.key), free_from, started, pauses)
        part = _own_part(phase)
        seconds = ended - started - _rested(started, ended, pauses)
        if part > 0:
            yield Spent(phase.key, phase.weight, amount_of(phase).times(part), max(seconds, 0.0))
        free_from = ended
    completed = moment(report.completed_at)
    if completed is not None and free_from is not None:
        yield _gap_of(AFTER_ALL, free_from, completed, pauses)


def _gap_of(place: str, began: float, ended: float, pauses: Sequence[tuple[float, float]]) -> Spent:
    return Spent(place, 0.0, NOTHING_KNOWN, max(ended - began - _rested(began, ended, pauses), 0.0))


def _rested(began: float, ended: float, pauses: Sequence[tuple[float, float]]) -> float:
    return sum(max(min(to, ended) - max(since, began), 0.0) for since, to in pauses)


def _in_order(phases: Sequence[PhaseReport]) -> list[tuple[PhaseReport, float, float]]:
    timed = [
        (phase, started, ended)
        for phase in phases
        if phase.state == "done"
        and (started := moment(phase.started_at)) is not None
        and (ended := moment(phase.ended_at)) is not None
    ]
    return sorted(timed, key=lambda item: item[1:])


def _own_part(phase: PhaseReport) -> float:
    """The part of a phase that this attempt did."""
    if not phase.total or phase.total <= 0:
        return 1.0
    return min(max(1.0 - phase.began / phase.total, 0.0), 1.0)
