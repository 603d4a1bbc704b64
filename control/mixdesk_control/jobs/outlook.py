"""What the last runs of its type say of one job, kept up to date as the job tells more of itself. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mixdesk.wire import PhaseReport
from mixdesk_control.jobs import work
from mixdesk_control.jobs.drift import Late, Shared, shared
from mixdesk_control.jobs.learned import Guess, History, Size, guess
from mixdesk_control.jobs.pace import Pace
from mixdesk_control.jobs.work import NOTHING_KNOWN, Amount

LEAST_SCATTER = 0.03
MATTERS = 0.05  # of the whole
MEASURABLE_S = 0.05


@dataclass(slots=True)
class Left:
    """Seconds that one place or several still take, and from how many runs that is known (0: from none).

    deviation, squares  the sum of the places' standard deviations, and of their squares
    """

    seconds: float
    deviation: float
    squares: float
    runs: int

    def times(self, factor: float) -> Left:
        """All of it taking so many times as long."""
        return (
            self
            if factor == 1.0
            else Left(self.seconds * factor, self.deviation * factor, self.squares * factor * factor, self.runs)
        )


NOTHING = Left(0.0, 0.0, 0.0, 0)


def left(seconds: float, scatter: float, runs: int) -> Left:
    """One place; `scatter` is the deviation of its logarithm."""
    deviation = seconds * scatter
    return Left(seconds, deviation, deviation * deviation, runs)


def summed(parts: Sequence[Left]) -> Left:
    """All of them together; those too short to matter do not say from how few runs it is known."""
    seconds = sum(part.seconds for part in parts)
    runs = min((part.runs for part in parts if part.seconds > MATTERS * seconds), default=0)
    return Left(seconds, sum(part.deviation for part in parts), sum(part.squares for part in parts), runs)


def scatter_of(found: Guess) -> float:
    """Of one more run: its own, and that of the mean it is predicted by."""
    return max(found.scatter, LEAST_SCATTER) * math.sqrt(1.0 + 1.0 / found.runs)


def pending(found: Guess | None) -> Left:
    """A place that is still to come; what none of the last runs took time for takes none here."""
    return NOTHING if found is None else left(found.seconds, scatter_of(found), found.runs)


@dataclass(slots=True)
class Outlook:
    """Guesses for one job, made once for each amount of work that it tells."""

    history: History
    host: str | None
    resumed: bool
    _version: int = -1
    _size: Size | None = None
    _guesses: dict[str, tuple[Amount, Guess | None]] = field(default_factory=dict)
    _shared: Shared | None = None
    _ahead: tuple[object, tuple[Left, Left]] = (None, (NOTHING, NOTHING))
    _over: tuple[str | None, Late, float] = (None, Late(), 1.0)

    def look(self, phases: Sequence[PhaseReport]) -> bool:
        """Brings it up to date; False where there is nothing to learn from."""
        if self._version != self.history.version:
            self._version, self._size = self.history.version, None
            self._forget()
        if self._size is None:
            self._size = size_of(phases)
            if self._size is not None:
                self._forget()
        return bool(self.history.lately)

    def _forget(self) -> None:
        self._guesses, self._shared = {}, None
        self._ahead, self._over = (None, (NOTHING, NOTHING)), (None, Late(), 1.0)

    def of_phase(self, phase: PhaseReport) -> Guess | None:
        """What the whole of a phase will take."""
        return self._of(phase.key, work.amount_of(phase))

    def of_gap(self, place: str) -> Guess | None:
        """What the time before a phase, or after all, will take."""
        return self._of(place, NOTHING_KNOWN)

    def _of(self, place: str, amount: Amount) -> Guess | None:
        known = self._guesses.get(place)
        if known is None or known[0] != amount:
            runs = self.history.of(place, self.host, self.resumed)
            known = self._guesses[place] = (amount, guess(place, amount, self._size, runs))
        return known[1]

    def ahead(self, phases: Sequence[PhaseReport]) -> tuple[Left, Left]:
        """What is to come before the next phase, and from there on; `phases` are those that have not begun."""
        told = [(phase.key, phase.total, phase.work, phase.expected) for phase in phases]
        if told != self._ahead[0]:
            first, *parts = self._parts(phases)
            self._ahead = (told, (first, summed(parts)))
        return self._ahead[1]

    def _parts(self, phases: Sequence[PhaseReport]) -> Iterator[Left]:
        for phase in phases:
            yield pending(self.of_gap(work.gap(phase.key)))
            yield pending(self.of_phase(phase))
        yield pending(self.of_gap(work.AFTER_ALL))

    def late(self, place: str, phases: Sequence[PhaseReport], pace: Pace) -> tuple[Late, float]:
        """How late the phases are that are over, and the factor that follows; looked at anew in each place."""
        if self._over[0] != place:
            late = Late()
            for phase in phases:
                spent = pace.spent.get(phase.key, 0.0)
                if phase.state == "done" and spent > MEASURABLE_S and not pace.began.get(phase.key):
                    late = late.and_one(spent, self.of_phase(phase))
            self._over = (place, late, self.factor(late, phases))
        return self._over[1:]

    def factor(self, late: Late, phases: Sequence[PhaseReport]) -> float:
        """So many times what was learned will the rest of this run take, for it is late so far."""
        if self._shared is None:
            found = [known for phase in phases if (known := self.of_phase(phase)) is not None]
            whole = sum(known.seconds for known in found)
            self._shared = shared([known.late for known in found if known.seconds > MATTERS * whole])
        return self._shared.factor(late)


def size_of(phases: Sequence[PhaseReport]) -> Size | None:
    """How large a job is, by the first of its phases whose amount is known."""
    for phase in phases:
        amount = work.amount_of(phase)
        if amount.expected is not None:
            return Size(phase.key, True, amount.expected)
        if amount.units is not None:
            return Size(phase.key, False, amount.units)
    return None
