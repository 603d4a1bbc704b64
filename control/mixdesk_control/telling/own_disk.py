"""Whether the desk itself can write: while it cannot, it takes no report, and no change of a job tells anything."""

from __future__ import annotations

from collections.abc import Callable

from mixdesk_control.notify.service import NotifyService
from mixdesk_control.store import Store, StoreError, tables
from mixdesk_control.store.upsert import upsert
from mixdesk_control.telling import news

FINE = 10  # looks: a disk that is nearly full takes a write now and then
_TRIED = "notify.tried"


class OwnDisk:
    """Told once, until it has been well at ten looks on end."""

    def __init__(self, store: Store, notify: NotifyService, clock: Callable[[], float]) -> None:
        self._store, self._notify, self._clock = store, notify, clock
        self._is_told = False
        self._fine = 0

    async def look(self) -> None:
        """Writes a line of a few bytes, which is all that tells."""
        now = self._clock()
        try:
            await self._store.write(lambda conn: upsert(conn, tables.meta, [{"key": _TRIED, "value": str(now)}]))
        except StoreError as error:
            self._refused(str(error), now)
        else:
            self._taken()

    def _refused(self, why: str, now: float) -> None:
        self._fine = 0
        if not self._is_told:
            self._notify.tell(news.refused(why, now))
        self._is_told = True

    def _taken(self) -> None:
        self._fine += 1
        if self._fine == FINE:  # an earlier desk may have told it, too
            self._is_told = False
            self._notify.well(news.REFUSED_KEY)
