"""Loads whose outcome is not known yet: a server may be at one long after nobody waits for it any more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mixdesk_control.assets.drivers.http.answers import Reading
from mixdesk_control.assets.drivers.http.server import late

DOUBT_S = 600.0
GAVE_UP = frozenset({408, 502, 504})  # said by whoever stands in between: the server itself may go on


class Load:
    """One order to load a model, from its request until it is known what came of it, or `until` is past.

    Who stops waiting leaves the request open, for its answer is what tells best how the load ended.
    """

    def __init__(
        self, request: asyncio.Task[Reading], until: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._request, self._until, self._monotonic = request, until, monotonic

    @property
    def is_pending(self) -> bool:
        """Whether the server still owes its answer."""
        return not self._request.done()

    @property
    def is_open(self) -> bool:
        """Whether the model may still come of it: an order that may have been taken had no clean answer."""
        if self._monotonic() >= self._until:
            self.cut()
            return False
        if self.is_pending or self._request.cancelled():
            return True
        return self._request.exception() is None and _is_unclear(self._request.result())

    async def answer(self, within_s: float) -> Reading:
        """What the server says to it in that time. Who is cancelled meanwhile cuts the request."""
        began = self._monotonic()
        try:
            await asyncio.wait({self._request}, timeout=within_s)
        except asyncio.CancelledError:
            self.cut()
            raise
        if self.is_pending or self._request.cancelled():
            return Reading(began, error=late(within_s))
        return self._request.result()

    def cut(self) -> None:
        """Ends the request, which some servers take as a wish to load no further."""
        self._request.cancel()

    async def close(self) -> None:
        """Cuts it, and waits until it is."""
        self.cut()
        await asyncio.wait({self._request})


def _is_unclear(answer: Reading) -> bool:
    return answer.status in GAVE_UP if answer.error is None else answer.taken
