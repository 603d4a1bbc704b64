"""How much one client may take of what all share: seats that are held, and things made at a pace.

The limits are far beyond what a thousand trainers and a room full of people use; they keep one that has gone mad from
taking the desk down. One token gets three quarters of the seats at most, so that others always find one.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mixdesk_control.auth.principal import Principal
from mixdesk_control.web.problems import Problem

SHARE = 0.75
RETRY_AFTER_S = 5


class Seats:
    """What is held open: long polls, streams. Used on the event loop alone."""

    def __init__(self, what: str, most: int) -> None:
        self._what = what
        self._most = most
        self._held: Counter[str] = Counter()
        self.taken = 0

    @contextlib.contextmanager
    def one(self, principal: Principal, seats: int = 1) -> Iterator[None]:
        """Holds a seat, or several. Raises Problem 503 where all are taken, 429 where this token has its share."""
        key = principal.token_id or principal.name
        self._check(principal, self._held[key], seats)
        self._held[key] += seats
        self.taken += seats
        try:
            yield
        finally:
            self.taken -= seats
            self._held[key] -= seats
            if not self._held[key]:
                del self._held[key]

    def _check(self, principal: Principal, held: int, seats: int) -> None:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        if self.taken + seats > self._most:
            raise Problem(503, f"this desk holds {self.taken} {self._what}, about its most: try later", headers=headers)
        if held + seats > math.ceil(SHARE * self._most):
            raise Problem(429, f"{principal.name} holds {held} {self._what}, its most: close some", headers=headers)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """So many a minute of one token, after a burst of so many."""

    def __init__(
        self, what: str, a_minute: float, burst: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._rate = a_minute / 60.0
        self._burst = burst
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}

    def one(self, principal: Principal) -> None:
        """Takes one. Raises Problem 429 with the seconds after which there is one again."""
        now, key = self._monotonic(), principal.token_id or principal.name
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        bucket.left = min(bucket.left + (now - bucket.at) * self._rate, self._burst)
        bucket.at = now
        if bucket.left < 1.0:
            wait = math.ceil((1.0 - bucket.left) / self._rate)
            reason = f"{principal.name} makes more than {self._rate * 60:.0f} {self._what} a minute"
            raise Problem(429, f"{reason}: try again in {wait} s", headers={"Retry-After": str(wait)})
        bucket.left -= 1.0

    @contextlib.contextmanager
    def tried(self, principal: Principal) -> Iterator[None]:
        """Takes one as `one` does, and gives it back where the attempt within fails."""
        self.one(principal)
        try:
            yield
        except BaseException:
            self._buckets[principal.token_id or principal.name].left += 1.0
            raise
