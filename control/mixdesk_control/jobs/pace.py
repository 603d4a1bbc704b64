"""How fast a job goes, in the desk's clock and only while it runs. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SPEED_WINDOW_S = 30.0
SPEED_SAMPLES = 64
MARKS = 64


@dataclass(slots=True)
class Pace:
    """What the desk has seen of one attempt.

    active  seconds the job was seen running (not paused, not lost)
    spent   {phase: active seconds in it}
    began   {phase: how complete it was when first seen, 0 to 1}: a resumed phase does not begin at 0
    """

    active: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    _phase: str | None = None
    _at: float | None = None
    _marks: list[tuple[float, float]] = field(default_factory=list)
    _steps: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=SPEED_SAMPLES))

    def rest(self) -> None:
        """The job is paused, lost or over: the time until the next `see` does not count."""
        self._at = None
        self._steps.clear()

    def see(self, at: float, phase: str, completion: float, steps: int | None) -> None:
        """One report of a running job: monotonic seconds, the running phase, how far it is, steps of this attempt."""
        passed = 0.0 if self._at is None else max(at - self._at, 0.0)
        self._at = at
        self.active += passed
        if phase != self._phase:
            self._phase, self._marks = phase, []
            self.began.setdefault(phase, completion)
        self.spent[phase] = self.spent.get(phase, 0.0) + passed
        self._mark(completion)
        if steps is not None:
            self._count(at, steps)

    def _mark(self, completion: float) -> None:
        self._marks.append((self.active, completion))
        if len(self._marks) > MARKS:
            self._marks = self._marks[::2]

    def _count(self, at: float, steps: int) -> None:
        if self._steps and steps < self._steps[-1][1]:
            self._steps.clear()
        self._steps.append((at, steps))
        while len(self._steps) > 2 and at - self._steps[1][0] > SPEED_WINDOW_S:
            self._steps.popleft()

    @property
    def steps_per_second(self) -> float | None:
        """Optimizer steps a second over the last half minute; None before two reports."""
        if len(self._steps) < 2:
            return None
        (first, before), (last, now) = self._steps[0], self._steps[-1]
        return (now - before) / (last - first) if last > first else None

    def rate(self) -> float | None:
        """Completion a second of the running phase, over the later half of the time spent in it; None while unknown."""
        if len(self._marks) < 2:
            return None
        last_at, last = self._marks[-1]
        middle = (self._marks[0][0] + last_at) / 2
        at, completion = next(mark for mark in reversed(self._marks[:-1]) if mark[0] <= middle)
        if last <= completion or last_at <= at:
            return None
        return (last - completion) / (last_at - at)
