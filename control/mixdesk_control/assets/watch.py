"""Looks at every asset once a second, and at once where its driver hears of a change. It never acts on one.

Each driver has a loop of its own: one that waits for a server which hangs keeps no other from seeing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.books import Books, JobsOf
from mixdesk_control.assets.courses import Courses
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.looking import Looking
from mixdesk_control.assets.memory import Memory
from mixdesk_control.web.problems import Problem

EVERY_S = 1.0
USED_EVERY = 2  # looks: what an asset uses costs as much to read as whether it runs
AGAIN_S = 5.0

log = logging.getLogger("mixdesk.assets")


class Watch:
    """Keeps the board's picture true. Used on the event loop alone."""

    def __init__(
        self,
        board: Board,
        memory: Memory,
        courses: Courses,
        jobs_of: JobsOf = dict,
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._board = board
        self._courses = courses
        self._every_s = every_s
        self._looking = Looking(board)
        self._books = Books(board, memory, courses, jobs_of)
        self._changed: dict[str, set[str]] = defaultdict(set)
        self._sooner = {name: asyncio.Event() for name in board.drivers}

    async def look(self, entries: Iterable[Entry]) -> None:
        """Observes these now, and shows what is new of them."""
        await self._looking.look(entries)

    async def tick(self) -> None:
        """Everything once."""
        await self._looking.look((*self._board.entries.values(), *self._board.departed.values()), all_follow=True)
        await asyncio.gather(*map(self._looking.use, self._board.drivers.values()))
        await self._keep_books()

    async def run(self) -> None:
        """Looks until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for driver in self._board.drivers.values():
                group.create_task(self._follow(driver))
                group.create_task(self._look_often(driver))
            while True:
                await self._guarded(self._keep_books)
                await asyncio.sleep(self._every_s)

    async def _keep_books(self) -> None:
        try:
            await self._books.keep()
            await self._courses.stay_alive()
            await self._board.revisions.ensure()
        finally:
            self._board.show()

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Problem as problem:
            log.warning("assets: %s", problem.detail)
        except Exception:  # the edge of a background task: an odd answer must not end the watch
            log.exception("looking at the assets failed")

    # -- one driver ----------------------------------------------------------------------------------

    async def _look_often(self, driver: Driver) -> None:
        loop, sooner = asyncio.get_running_loop(), self._sooner[driver.name]
        due, rounds = loop.time(), itertools.count()
        while True:
            if loop.time() >= due:
                due = max(due + self._every_s, loop.time() + self._every_s / 2)
                await self._guarded(partial(self._look_at_all, driver, use=next(rounds) % USED_EVERY == 0))
            elif self._changed[driver.name]:
                await self._guarded(partial(self._look_at_changed, driver))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(due - loop.time(), 0.0)):
                    await sooner.wait()
            sooner.clear()

    async def _look_at_all(self, driver: Driver, *, use: bool) -> None:
        self._changed[driver.name].clear()
        await self._looking.look(self._board.of(driver.name), all_follow=True)
        if use:
            await self._looking.use(driver)

    async def _look_at_changed(self, driver: Driver) -> None:
        changed = self._changed[driver.name]
        entries = [entry for asset in changed if (entry := self._board.entries.get(asset)) is not None]
        changed.clear()
        await self._looking.look(entries)

    async def _follow(self, driver: Driver) -> None:
        def assets() -> Sequence[Asset]:
            return [entry.asset for entry in self._board.of(driver.name)]

        while True:
            try:
                await driver.follow(assets, partial(self._tell, driver))
                return
            except Exception:  # the edge of a background task: without it changes are seen every second still
                log.exception("changes of %s assets cannot be followed; again in %g s", driver.name, AGAIN_S)
                await asyncio.sleep(AGAIN_S)

    def _tell(self, driver: Driver, assets: Sequence[Asset]) -> None:
        self._changed[driver.name].update(asset.id for asset in assets)
        self._sooner[driver.name].set()
