"""How fast a job goes, in the desk's clock and only while it runs. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

SPEED_WINDOW_S = 30.0
SPEED_SAMPLES = 64
MARKS = 64
WARM_UP = 0.25  # the first part of what was seen of a phase says little of its speed
MOST_PAUSES = 1000


@dataclass(slots=True)
class Pace:
    """What the desk has seen of one attempt. A place is the key of a phase, or what `work.gap` makes of it.

    active  seconds the job was seen running (not paused, not lost)
    spent   {place: active seconds in it}
    began   {phase: how complete it was when first seen, 0 to 1}: a resumed phase does not begin at 0
    pauses  when it was paused: from, to, in seconds since the epoch
    unsure  it was paused, or went on, while nobody looked: how long it rested is not known
    grain   the largest gain from one report to the next in the running phase: how coarse its reports are
    """

    active: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    began: dict[str, float] = field(default_factory=dict)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    unsure: bool = False
    grain: float = 0.0
    _place: str | None = None
    _at: float | None = None
    _paused_at: float | None = None
    _gains: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])
    _steps: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=SPEED_SAMPLES))

    def rest(self) -> None:
        """The job is paused, lost or over: the time until the next `see` does not count."""
        self._at = None
        self._steps.clear()

    def pause(self, at: float, *, late: bool = False) -> None:
        """It is paused, since `at` seconds since the epoch where that is not told `late`, and rests."""
        self.rest()
        if self._paused_at is None:
            self._paused_at, self.unsure = at, self.unsure or late

    def wake(self, at: float, *, late: bool = False) -> None:
        """It is not paused (any more)."""
        since, self._paused_at = self._paused_at, None
        if since is None:
            return
        self.unsure = self.unsure or late or len(self.pauses) >= MOST_PAUSES
        if at > since and len(self.pauses) < MOST_PAUSES:
            self.pauses.append((since, at))

    def remember(self, pauses: Iterable[tuple[float, float | None]]) -> None:
        """What the store knows of its pauses: from, to (None: it goes on)."""
        for since, until in pauses:
            self.pause(since)
            if until is not None:
                self.wake(until)

    @property
    def known_pauses(self) -> list[tuple[float, float]] | None:
        """When it was paused; None where that is not known, or the last pause has no end."""
        return None if self.unsure or self._paused_at is not None else self.pauses

    def see(self, at: float, place: str, completion: float, steps: int | None) -> None:
        """One report of a running job: monotonic seconds, where it is, how far in it, steps of this attempt."""
        rested, passed = self._at is None, 0.0 if self._at is None else max(at - self._at, 0.0)
        self._at = at
        self.active += passed
        if self._place is not None:  # edges are reported at once: until now it was where it was seen last
            self.spent[self._place] = self.spent.get(self._place, 0.0) + passed
        if place != self._place:
            self._enter(place, completion)
        elif rested:
            self._pass_over(place, completion - self._gains[-1][1])
        self._mark(completion)
        if steps is not None:
            self._count(at, steps)

    def _enter(self, place: str, completion: float) -> None:
        self._place, self.grain = place, 0.0
        self.began.setdefault(place, completion)
        self._gains = [(self._here, completion)]

    def _pass_over(self, place: str, gain: float) -> None:
        """What was gained while nobody looked says nothing of the speed."""
        if gain > 0:
            self.began[place] += gain
            self._gains = [(spent, completion + gain) for spent, completion in self._gains]

    def _mark(self, completion: float) -> None:
        gain = completion - self._gains[-1][1]
        if gain > 0:
            self.grain = max(self.grain, gain)
            self._gains.append((self._here, completion))
        if len(self._gains) > MARKS:
            self._gains = [*self._gains[:-1:2], self._gains[-1]]

    def _count(self, at: float, steps: int) -> None:
        if self._steps and steps < self._steps[-1][1]:
            self._steps.clear()
        self._steps.append((at, steps))
        while len(self._steps) > 2 and at - self._steps[1][0] > SPEED_WINDOW_S:
            self._steps.popleft()

    @property
    def waited(self) -> float:
        """Seconds in the running phase since a report showed a gain."""
        return self._here - self._gains[-1][0]

    @property
    def _here(self) -> float:
        return self.spent.get(self._place or "", 0.0)

    @property
    def steps_per_second(self) -> float | None:
        """Optimizer steps a second over the last half minute; None before two reports."""
        if len(self._steps) < 2:
            return None
        (first, before), (last, now) = self._steps[0], self._steps[-1]
        return (now - before) / (last - first) if last > first else None

    def rate(self) -> float | None:
        """Completion a second of the running phase, over all but the first quarter of it so far; None while unknown.

        It falls where nothing is gained for longer than the largest gain so far would take.
        """
        last_at, last = self._gains[-1]
        first = self._gains[0][0] + WARM_UP * (last_at - self._gains[0][0])
        place = bisect_right(self._gains, (first, math.inf), 0, len(self._gains) - 1)
        at, completion = self._gains[max(place - 1, 0)]
        if last <= completion or last_at <= at:
            return None
        gained, took = last - completion, last_at - at
        return min(gained / took, (gained + self.grain) / (took + self.waited))
