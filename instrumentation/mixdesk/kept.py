"""The end of an epoch's steps, kept while the rest of the epoch runs: an evaluation, a voice that is sampled.

A checkpoint is of a training boundary, for a resumed epoch runs again what follows its steps. The last boundary can
still be saved long after: what is small is kept by value, large tensors by the hash of their content, and what is
unchanged by then is what it was.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from .frozen import Frozen, NotFrozen, seconds_of
from .guard import log
from .position import Position

SHARE = 0.01  # of the time of an epoch's steps that keeping may cost
FREE_S = 0.001  # or so much, in seconds
MOST_S = 1.0  # and never more
FADES = 0.9  # what it cost once is believed less with each epoch that goes without
EPOCHS = 10  # of so many, one has had something after its steps that took longer than keeping does
AGAIN_S = 1.0  # what has changed is looked at again after so long
AGAIN = 10.0  # or so many times what a look costs


class Kept:
    """One boundary: its position, and the payload of a checkpoint of it. Raises NotFrozen where it cannot be kept."""

    def __init__(self, position: Position, payload: dict[str, Any]) -> None:
        self.position = position
        self._frozen = Frozen(_changing(payload))
        self.payload: dict[str, Any] = {**self._frozen.value, "rng": payload.get("rng", {})}

    def unmoved(self) -> bool:
        """True where the large tensors hold what they held then; so long as a hash of all of them takes."""
        return self._frozen.unmoved()


class Keeper:
    """Keeps the last boundary of a run, where that costs little beside the epoch and something follows its steps."""

    def __init__(self, monotonic: Callable[[], float] = time.perf_counter) -> None:
        self._monotonic = monotonic
        self._kept: Kept | None = None
        self._cost = 0.0
        self._began = monotonic()
        self._ended: tuple[int, float] | None = None  # which `steps()` of the epoch is over, and since when
        self._tails: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=EPOCHS))
        self._moved_at: float | None = None

    @property
    def keeps(self) -> bool:
        """True from the end of an epoch's steps to whatever trains next, unless it was seen to have changed."""
        return self._kept is not None and self._moved_at is None

    def steps_begin(self) -> None:
        """What was kept is about to change."""
        self.forget()
        self._began = self._monotonic()

    def steps_end(self, make: Callable[[], tuple[Position, dict[str, Any]]], part: int = 0) -> None:
        """Keep what `make` gives, unless that costs too much for an epoch as short as this one, or serves nothing.

        part  which `steps()` of the epoch it is: what follows it is known from the epochs before
        """
        began = self._monotonic()
        try:
            if self._is_worth_it(self._most(began), self._tails[part]):
                self._keep(make, began)
        finally:
            self._ended = part, self._monotonic()

    def unmoved(self, *, again: bool = True) -> Kept | None:
        """What is kept, if it can still be saved. Looked at once a second at most, and not `again` if so it is said."""
        if self._kept is None or (self._moved_at is not None and not (again and self._is_time(self._moved_at))):
            return None
        if self._kept.unmoved():
            self._moved_at = None
            return self._kept
        self._moved_at = self._monotonic()
        return None

    def look_afresh(self) -> None:
        """Whatever was seen of it is old by now."""
        self._moved_at = None

    def forget(self) -> None:
        """Hold nothing any longer: the epoch is over, or trains again."""
        self._kept, self._moved_at = None, None
        if self._ended is not None:
            part, since = self._ended
            self._tails[part].append(self._monotonic() - since)
            self._ended = None

    def _most(self, now: float) -> float:
        return min(max(SHARE * (now - self._began), FREE_S), MOST_S)

    def _is_worth_it(self, most: float, tails: deque[float]) -> bool:
        longest = max(tails, default=float("inf"))
        if self._cost <= min(most, longest):
            return True
        if longest > FREE_S:
            self._cost *= FADES
        return False

    def _keep(self, make: Callable[[], tuple[Position, dict[str, Any]]], began: float) -> None:
        guess = 0.0
        try:
            position, payload = make()
            guess = seconds_of(_changing(payload))
            if guess <= self._most(began):
                self._kept = Kept(position, payload)
        except NotFrozen as error:
            log.debug("the end of the epoch's steps is not kept, for the state holds %s", error)
        finally:
            took = self._monotonic() - began
            self._cost = took if self._kept is not None else max(took, guess)

    def _is_time(self, since: float) -> bool:
        return self._monotonic() - since >= max(AGAIN_S, AGAIN * self._cost)


def _changing(payload: dict[str, Any]) -> dict[str, Any]:
    """Without the random states, which are copies anyway."""
    return {key: part for key, part in payload.items() if key != "rng"}
