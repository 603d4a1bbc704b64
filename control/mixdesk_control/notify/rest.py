"""For how long a receiver that was in trouble is left alone."""

from __future__ import annotations

import time

from mixdesk_control.notify import patience
from mixdesk_control.notify.urgency import MILD, PRESSING


class Rest:
    """One receiver's rest: whole for most messages, a minute at most for what is critical."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = self._pressing_until = 0.0

    def taken(self) -> None:
        """A message has arrived: the trouble is over."""
        self._failures = 0
        self._until = self._pressing_until = 0.0

    def failed(self, wait_s: float, asked_s: float | None) -> None:
        """A message has not arrived and waits `wait_s`; the receiver rests no longer than that."""
        self._failures += 1
        rest_s, now = min(patience.again_in(self._failures, asked_s), wait_s), time.monotonic()
        self._until = max(self._until, now + rest_s)
        self._pressing_until = now + patience.probed(rest_s)

    def left(self, rank: int = MILD) -> float:
        """Seconds until a message of this rank may be tried; 0 for now."""
        return max((self._pressing_until if rank == PRESSING else self._until) - time.monotonic(), 0.0)
