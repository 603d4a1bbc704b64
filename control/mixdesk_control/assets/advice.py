"""Which assets to stop so that what is needed fits: as few as can be, then as little memory as can be. Pure.

Up to EXACT sets that stop together, the best is searched for: a branch is left where even the largest that remain
make it fit with no fewer stops. With more, the most useful go first until it fits, then who is not needed after all
stays, and the last is replaced by the smallest that does in its place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from mixdesk_control.assets.admission import Shortage

EXACT = 16

Stops = Mapping[str, frozenset[str]]
"""Who may be stopped, and who of those that run must stop with it (itself need not be among them)."""

_Amounts = tuple[float, ...]
"""MiB on each card that is short."""


def advise(shortages: Sequence[Shortage], candidates: Stops, closure: Collection[str] = ()) -> tuple[str, ...] | None:
    """The smallest set of assets whose stop makes it fit, with all that stop along; None where no set does.

    candidates  whom the caller would stop: one that takes along whom it would not must not be among them
    closure     what is to be started: none of it is stopped
    Of two sets the one of fewer assets is smaller, then the one that gives less memory up, then the first by id.
    """
    gains = _gains(shortages)
    missing = tuple(shortage.missing for shortage in shortages)
    sets = {frozenset({asset}) | along for asset, along in candidates.items()}
    options = [_Option.of(assets, gains) for assets in sets if assets.isdisjoint(closure)]
    problem = _Problem(missing, gains, sorted((item for item in options if item.memory > 0), key=_Option.order))
    if not problem.fits(problem.options):
        return None
    found = _greedy(problem)
    if len(problem.options) <= EXACT:
        found = _Search(problem, found).best
    return tuple(sorted(found))


def _gains(shortages: Sequence[Shortage]) -> dict[str, _Amounts]:
    """What the stop of each asset leaves on each card."""
    found: dict[str, list[float]] = {}
    for card, shortage in enumerate(shortages):
        for holder in shortage.holders:
            found.setdefault(holder.asset, [0.0] * len(shortages))[card] = holder.gain
    return {asset: tuple(amounts) for asset, amounts in found.items()}


@dataclass(frozen=True, slots=True)
class _Option:
    """Assets that stop together."""

    assets: frozenset[str]
    memory: float

    @classmethod
    def of(cls, assets: frozenset[str], gains: Mapping[str, _Amounts]) -> _Option:
        return cls(assets, sum(sum(gains[asset]) for asset in assets if asset in gains))

    def order(self) -> tuple[float, float, tuple[str, ...]]:
        """The most useful first: by memory for each asset that stops."""
        return -self.memory / len(self.assets), -self.memory, tuple(sorted(self.assets))


_Rank = tuple[int, float, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Problem:
    missing: _Amounts
    gains: Mapping[str, _Amounts]
    options: Sequence[_Option]

    def without(self, left: _Amounts, assets: Iterable[str]) -> _Amounts:
        """What is still missing after these have stopped, too."""
        for asset in assets:
            if (gains := self.gains.get(asset)) is not None:
                left = tuple([amount - gain for amount, gain in zip(left, gains, strict=True)])
        return left

    def fits(self, options: Iterable[_Option]) -> bool:
        return max(self.without(self.missing, _union(options)), default=0.0) <= 0

    def rank(self, assets: Collection[str]) -> _Rank:
        """The smaller, the better. Memory to a hundredth: sums of the same numbers differ by the order of adding."""
        memory = sum(sum(self.gains[asset]) for asset in assets if asset in self.gains)
        return len(assets), round(memory, 2), tuple(sorted(assets))


def _union(options: Iterable[_Option]) -> frozenset[str]:
    return frozenset[str]().union(*(option.assets for option in options))


def _greedy(problem: _Problem) -> frozenset[str]:
    left, stopped, chosen = problem.missing, frozenset[str](), list[_Option]()
    for option in problem.options:
        if max(left, default=0.0) <= 0:
            break
        new = option.assets - stopped
        after = problem.without(left, new)
        if any(new < old and old > 0 for new, old in zip(after, left, strict=True)):
            chosen.append(option)
            left, stopped = after, stopped | new
    return _union(_pruned(problem, _replaced(problem, _pruned(problem, chosen))))


def _pruned(problem: _Problem, chosen: list[_Option]) -> list[_Option]:
    """Without those that it fits without, the largest first."""
    for option in list(chosen):
        rest = [item for item in chosen if item is not option]
        if problem.fits(rest):
            chosen = rest
    return chosen


def _replaced(problem: _Problem, chosen: Sequence[_Option]) -> list[_Option]:
    """With the smallest in the place of the last that does there."""
    rest = list(chosen[:-1])
    others = _union(rest)
    left = problem.without(problem.missing, others)
    fitting = [
        option for option in problem.options if max(problem.without(left, option.assets - others), default=0.0) <= 0
    ]
    return rest + sorted(fitting, key=lambda option: problem.rank(option.assets | others))[:1]


@dataclass(slots=True)
class _Search:
    """Finds the best set, beginning with one that fits."""

    problem: _Problem
    best: frozenset[str]
    _rank: _Rank = field(init=False)
    _most: list[list[list[float]]] = field(init=False)
    _least: list[list[float]] = field(init=False)
    _alike: list[object] = field(init=False)

    def __post_init__(self) -> None:
        problem, options = self.problem, self.problem.options
        self._rank = problem.rank(self.best)
        self._most = [_most(problem, options[start:]) for start in range(len(options))]
        self._least = [_least(problem, options[start:]) for start in range(len(options))]
        times = Counter(asset for option in options for asset in option.assets)
        self._alike = [_alike(problem, option, times) for option in options]
        self._follow(0, frozenset(), problem.missing)

    def _follow(self, start: int, stopped: frozenset[str], left: _Amounts) -> None:
        if max(left, default=0.0) <= 0:
            rank = self.problem.rank(stopped)
            if rank < self._rank:
                self.best, self._rank = stopped, rank
            return
        tried: object = None
        for number in range(start, len(self.problem.options)):
            if not self._may_be_better(number, stopped, left):
                return
            new = self.problem.options[number].assets - stopped
            if new and self._alike[number] != tried:
                tried = self._alike[number]
                self._follow(number + 1, stopped | new, self.problem.without(left, new))

    def _may_be_better(self, number: int, stopped: frozenset[str], left: _Amounts) -> bool:
        """Whether the options from this one on can still make it fit, and with no more stops than the best."""
        more = max(bisect_left(most, amount) for most, amount in zip(self._most[number], left, strict=True))
        count, memory, _ = self._rank
        if more >= len(self._least[number]) or len(stopped) + more > count:
            return False
        given = sum(self.problem.missing) - sum(left)
        to_come = max(self._least[number][more], sum(max(0.0, amount) for amount in left))
        return len(stopped) + more < count or given + to_come < memory + 0.01


def _most(problem: _Problem, options: Iterable[_Option]) -> list[list[float]]:
    """For each card: what 0, 1, 2, ... of these assets give at most."""
    found = [problem.gains.get(asset, (0.0,) * len(problem.missing)) for asset in _union(options)]
    return [
        [0.0, *accumulate(sorted((gains[card] for gains in found), reverse=True))]
        for card in range(len(problem.missing))
    ]


def _least(problem: _Problem, options: Iterable[_Option]) -> list[float]:
    """What 0, 1, 2, ... of these assets give up on all cards together at least."""
    return [0.0, *accumulate(sorted(sum(problem.gains.get(asset, ())) for asset in _union(options)))]


def _alike(problem: _Problem, option: _Option, times: Mapping[str, int]) -> object:
    """Equal for options of which only the first need be tried: one asset each, in no other option, of equal gains."""
    (asset, *more) = option.assets
    return option if more or times[asset] > 1 else problem.gains[asset]
