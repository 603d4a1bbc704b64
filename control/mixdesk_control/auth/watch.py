"""Who holds something open by a right that may end: a token, a session, or the desk itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator

from mixdesk_control.auth.principal import Principal

ENDED, GOING = 4401, 1001  # WebSocket close codes


class Watches:
    """Futures that resolve, with a close code, when a right ends. Used on the event loop alone."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_key: defaultdict[str, set[asyncio.Future[int]]] = defaultdict(set)
        self.going = False

    @contextlib.contextmanager
    def watching(self, principal: Principal) -> Iterator[asyncio.Future[int]]:
        """A future that resolves when the token or session behind `principal` ends, or the desk stops."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        keys = [key for key in ("*", principal.token_id, principal.session) if key]
        for key in keys:
            self._by_key[key].add(future)
        timer = self._expiry(loop, principal, future)
        if self.going:
            _resolve(future, GOING)
        try:
            yield future
        finally:
            if timer is not None:
                timer.cancel()
            self._forget(keys, future)

    def _expiry(
        self, loop: asyncio.AbstractEventLoop, principal: Principal, future: asyncio.Future[int]
    ) -> asyncio.TimerHandle | None:
        if principal.expires_at is None:
            return None
        left = max(principal.expires_at - self._clock(), 0.0)
        return loop.call_later(left, _resolve, future, ENDED)

    def _forget(self, keys: list[str], future: asyncio.Future[int]) -> None:
        for key in keys:
            futures = self._by_key[key]
            futures.discard(future)
            if not futures:
                del self._by_key[key]

    def end(self, key: str) -> None:
        """The token id or session hash `key` has ended."""
        for future in self._by_key.get(key, ()):
            _resolve(future, ENDED)

    def end_all(self) -> None:
        """The desk stops."""
        self.going = True
        for future in self._by_key.get("*", ()):
            _resolve(future, GOING)


def _resolve(future: asyncio.Future[int], code: int) -> None:
    if not future.done():
        future.set_result(code)
