"""What the last runs of a job type teach: how long a phase takes, by how much work it is. Pure.

A phase takes so many seconds per unit of something: of what it was expected to be, of what it counts, of the size of
the whole job, or it simply takes its time. Which of them explains the last runs best is what predicts the next one.
Means are of logarithms, and one run that is far off (its work was cached, its machine was busy) counts little.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

from mixdesk_control.jobs.work import Amount

LAST_RUNS = 5
SHORTEST_S = 0.001
LONGEST = math.log(1e10)  # seconds: three hundred years
FARTHEST = math.log(3.0)
FAR_OFF = math.log(1.5)  # beyond it a run counts as if it were only so far from the middle one
MUST_BE_BETTER = 0.6  # a less telling measure of work is taken where it scatters so much less
CALM = 0.03  # scatter below which no other measure is looked for
MOST_HOSTS = 64
ENOUGH_RUNS = 3


@dataclass(frozen=True, slots=True)
class Took:
    """What one place of one run took."""

    seconds: float
    amount: Amount


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run. `resumed`: it went on from another one's checkpoint; its first phases may have been cached."""

    host: str | None
    resumed: bool
    places: Mapping[str, Took]


@dataclass(slots=True)
class Guess:
    """Seconds that the whole of a place will take, the deviation of their logarithm, and from how many runs.

    late  {run: how far it was from that, as a logarithm}
    """

    seconds: float
    scatter: float
    runs: int
    late: Mapping[int, float] = field(default_factory=dict)

    def times(self, factor: float) -> Guess:
        """All of it taking so many times as long."""
        return self if factor == 1.0 else Guess(self.seconds * factor, self.scatter, self.runs)


@dataclass(slots=True)
class History:
    """The last runs of one job type, by host; `version` grows with each run that is added."""

    version: int = 0
    hosts: dict[str | None, deque[Run]] = field(default_factory=dict)
    lately: deque[Run] = field(default_factory=lambda: deque(maxlen=2 * LAST_RUNS))

    def add(self, run: Run) -> None:
        """The newest run."""
        self.version += 1
        self.lately.append(run)
        if run.host not in self.hosts and len(self.hosts) >= MOST_HOSTS:
            del self.hosts[next(iter(self.hosts))]
        self.hosts.setdefault(run.host, deque(maxlen=2 * LAST_RUNS)).append(run)

    def of(self, place: str, host: str | None, resumed: bool) -> list[Run]:
        """The last runs that say how long a place takes, newest first: of this host and kind where there are any."""
        for runs in (self.hosts.get(host, ()), self.lately):
            there = [run for run in runs if place in run.places]
            alike = [run for run in there if run.resumed == resumed] or there
            if alike:
                return alike[: -LAST_RUNS - 1 : -1]
        return []


@dataclass(frozen=True, slots=True)
class Size:
    """How large a whole job is, by the first phase whose amount is known."""

    key: str
    expected: bool
    value: float

    def of(self, run: Run) -> float | None:
        """The same measure of an earlier run."""
        took = run.places.get(self.key)
        if took is None:
            return None
        return took.amount.expected if self.expected else took.amount.units


def guess(place: str, now: Amount, size: Size | None, runs: Sequence[Run]) -> Guess | None:
    """How long a place of this job will take, from runs as `History.of` gives them; None where there are none."""
    if not runs:
        return None
    fits = [_fit(now_value, past, place, runs) for now_value, past in _measures(place, now, size, runs)]
    best = fits[0]
    if len(runs) >= ENOUGH_RUNS:
        for fit in fits[1:]:
            if best.scatter > CALM and fit.scatter < MUST_BE_BETTER * best.scatter:
                best = fit
    return best


def _measures(place: str, now: Amount, size: Size | None, runs: Sequence[Run]) -> Iterator[tuple[float, list[float]]]:
    """Measures of the work that are known of this job and of all the runs, the most telling first."""
    amounts = [run.places[place].amount for run in runs]
    if now.units is not None and all(amount.unit == now.unit for amount in amounts):
        yield from _if_known(now.units, [amount.units for amount in amounts])
    if now.expected is not None:
        yield from _if_known(now.expected, [amount.expected for amount in amounts])
    by_size = [] if size is None else list(_if_known(size.value, [size.of(run) for run in runs]))
    by_itself = (1.0, [1.0] * len(runs))
    counted = any(amount.units is not None or amount.expected is not None for amount in amounts)
    yield from [*by_size, by_itself] if counted else [by_itself, *by_size]


def _if_known(now: float, past: Sequence[float | None]) -> Iterator[tuple[float, list[float]]]:
    known = [value for value in past if value is not None]
    if len(known) == len(past):
        yield now, known


def _fit(now: float, past: Sequence[float], place: str, runs: Sequence[Run]) -> Guess:
    taken = (max(run.places[place].seconds, SHORTEST_S) for run in runs)
    logs = [math.log(seconds) - math.log(value) for seconds, value in zip(taken, past, strict=True)]
    middle, scatter = robust(logs)
    late = {id(run): within(value - middle) for run, value in zip(runs, logs, strict=True)}
    return Guess(math.exp(min(middle + math.log(now), LONGEST)), scatter, len(runs), late)


def lateness(took: float, expected: float) -> float:
    """How much longer than expected it took, as a logarithm; within bounds that no busy machine explains."""
    return within(math.log(took) - math.log(expected)) if took > 0 and expected > 0 else 0.0


def within(log: float) -> float:
    """A logarithm no farther from 0 than a factor of three."""
    return min(max(log, -FARTHEST), FARTHEST)


def robust(logs: Sequence[float]) -> tuple[float, float]:
    """Mean and deviation, where what lies far from the median is drawn near."""
    middle = median(logs)
    near = [min(max(value, middle - FAR_OFF), middle + FAR_OFF) for value in logs]
    mean = fmean(near)
    if len(near) < 2:
        return mean, 0.0
    return mean, math.sqrt(sum((value - mean) ** 2 for value in near) / (len(near) - 1))
