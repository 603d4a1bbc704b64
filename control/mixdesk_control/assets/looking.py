"""Observes assets by their drivers, and takes in what is seen: the newest look counts, whichever comes back last."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mixdesk_control.assets.asset import ABSENT, RUNNING, STARTING, STOPPED, UNHEALTHY, UNKNOWN, Observed, Usage
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.entry import Entry


class Looking:
    """Fills what the board has seen. Used on the event loop alone."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._looks = itertools.count(1)

    async def look(self, entries: Iterable[Entry], *, all_follow: bool = False) -> None:
        """Observes these, driver by driver, and shows what is new of them.

        `all_follow`: all are shown in a moment, so that now only those need be that are seen otherwise than before.
        """
        wanted: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            wanted[entry.asset.driver].append(entry)
        looks = (self._look(self._board.drivers[name], those, all_follow) for name, those in wanted.items())
        await asyncio.gather(*looks)

    async def _look(self, driver: Driver, entries: Sequence[Entry], all_follow: bool) -> None:
        look = next(self._looks)
        seen = await driver.observe([entry.asset for entry in entries])
        before = [entry.observed for entry in entries]
        for entry in entries:
            self._take(entry, look, seen.get(entry.asset.id, Observed(UNKNOWN, reason="its driver says nothing of it")))
        moved = (entry for entry, was in zip(entries, before, strict=True) if entry.observed != was)
        self._board.show(moved if all_follow else entries)

    def _take(self, entry: Entry, look: int, seen: Observed) -> None:
        if look < entry.look:
            return  # a look that began later has come back already
        entry.look = look
        before = entry.observed
        if seen.doing == UNKNOWN:  # who it is by the last certain look: what runs in it does not end because of this
            who = before.instance, before.container, before.processes
            seen = replace(seen, instance=who[0], container=who[1], processes=who[2])
        entry.observed = seen
        another = seen.is_alive and seen.instance != before.instance and before.doing != UNKNOWN
        late = seen.doing == RUNNING and before.doing in (STARTING, UNHEALTHY)
        if (another or late) and not entry.loading:
            entry.failed = None  # what was wrong with the run before, or with this one at first, holds no more
        if not seen.is_alive:
            entry.usage = Usage()
        if seen.doing in (STOPPED, ABSENT):
            entry.held, entry.jobs = {}, ()

    async def use(self, driver: Driver) -> None:
        """What those of a driver use that run."""
        alive = [entry for entry in self._board.of(driver.name) if entry.observed.is_alive]
        used = await driver.usage([entry.asset for entry in alive]) if alive else {}
        for entry in alive:
            entry.usage = used.get(entry.asset.id, Usage())
