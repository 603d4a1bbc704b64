"""The history of a number, thinned so that it never outgrows its place. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter

MOST = 300
SPARK = 20

Point = tuple[float, float, float]  # seconds since the epoch, step, value


class Points:
    """At most 300 points of one number: when full, every second one goes and the pace halves.

    Kept as plain doubles: a thousand jobs with ten numbers each stay below 100 MB.
    """

    __slots__ = ("_at", "_gap", "_step", "_value", "last")

    def __init__(self, points: Iterable[Point] = ()) -> None:
        self._at, self._step, self._value = array("d"), array("d"), array("d")
        self._gap = 0.0
        self.last = math.nan
        for at, step, value in points:
            self._append(at, step, value)
        if len(self._at) > MOST // 2:
            self._gap = (self._at[-1] - self._at[0]) / MOST

    def add(self, at: float, step: float, value: float) -> None:
        """One more; it is left out where it comes sooner after the one before than the pace asks."""
        self.last = value
        if self._at and at - self._at[-1] < self._gap:
            return
        self._append(at, step, value)
        if len(self._at) > MOST:
            self._halve()

    def _append(self, at: float, step: float, value: float) -> None:
        self._at.append(at)
        self._step.append(step)
        self._value.append(value)
        self.last = value

    def _halve(self) -> None:
        # The newest stays: 301 points leave their even places.
        self._at, self._step, self._value = self._at[::2], self._step[::2], self._value[::2]
        self._gap = (self._at[-1] - self._at[0]) / (len(self._at) - 1) * 0.99

    def copied(self) -> Points:
        """A copy that may be read while this one grows: a fraction of what a list of tuples takes."""
        new = Points()
        new._at, new._step, new._value = self._at[:], self._step[:], self._value[:]
        new._gap, new.last = self._gap, self.last
        return new

    def shortened(self) -> Points:
        """What `spark` shows of it, and its last value: a tenth of the memory."""
        size = len(self._at)
        new = Points()
        new._at, new._step, new._value = (
            array("d", values if size <= SPARK else _evenly(size)(values))
            for values in (self._at, self._step, self._value)
        )
        new._gap, new.last = self._gap, self.last
        return new

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[Point]:
        return zip(self._at, self._step, self._value, strict=True)

    def spark(self) -> list[float]:
        """At most 20 values, evenly taken, the newest last."""
        size = len(self._value)
        if size <= SPARK:
            return list(self._value)
        return list(_evenly(size)(self._value))


@cache
def _evenly(size: int) -> Callable[[Sequence[float]], tuple[float, ...]]:
    """Takes SPARK of `size` values, the first and the last among them."""
    return itemgetter(*(round(place * (size - 1) / (SPARK - 1)) for place in range(SPARK)))
