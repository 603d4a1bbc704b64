"""The assets of a desk: everything that other rooms and the routes call."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any

from mixdesk_control.assets.board import Board
from mixdesk_control.assets.books import JobsOf
from mixdesk_control.assets.courses import KIND, Courses
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import Meters, Owned
from mixdesk_control.assets.hands import Hands
from mixdesk_control.assets.holding import Holding
from mixdesk_control.assets.leaving import groups, longest_stop
from mixdesk_control.assets.memory import FREED_S, Memory
from mixdesk_control.assets.outputs import AssetOutput, outputs
from mixdesk_control.assets.registry import Registry, RegistryError, build
from mixdesk_control.assets.reloading import note_refused
from mixdesk_control.assets.requests import Requests
from mixdesk_control.assets.rows import WANT_RUNNING
from mixdesk_control.assets.watch import Watch
from mixdesk_control.auth.principal import OPERATOR, Principal
from mixdesk_control.operations import OperationService
from mixdesk_control.settings import SettingsError
from mixdesk_control.settings_assets import AssetSettings
from mixdesk_control.store import Store
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.problems import Problem

DESK = Principal("desk", frozenset({OPERATOR}), via="loopback")

Reread = Callable[[], Sequence[AssetSettings]]
"""The registry as its file has it now. Raises SettingsError."""

FIRST_LOOK_S = 1.0
LEAVE_S = 10.0  # how much longer than their graces an orderly stop waits for processes

log = logging.getLogger("mixdesk.assets")


class AssetService:
    """Wires the parts of this room together and runs what runs in the background.

    meters   who reads the cards of this host
    jobs_of  which jobs run in which asset
    reread   where the registry is read anew
    freed_s  how long a stop waits for the memory
    """

    def __init__(
        self,
        store: Store,
        operations: OperationService,
        drivers: Mapping[str, Driver],
        entries: Sequence[AssetSettings],
        *,
        meters: Meters,
        headroom_mb: float,
        jobs_of: JobsOf = dict,
        reread: Reread = tuple,
        freed_s: float = FREED_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        registry = build(entries, drivers)
        self.board = Board(store, operations, drivers, clock=clock)
        self.memory = Memory(self.board, meters, headroom_mb, freed_s=freed_s)
        self.courses = Courses(self.board)
        self.watch = Watch(self.board, self.memory, self.courses, jobs_of)
        self.courses.use(Hands(self.board, self.memory, self.watch.look, self.courses.tell))
        self.requests = Requests(self.board, self.memory, self.courses)
        self.holding = Holding(self.board, self.courses, self.requests.turn)
        self._operations = operations
        self._reread = reread
        self._reloading = asyncio.Lock()
        self._first: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None
        self.board.put(registry)

    # -- start and stop ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Sees everything once, goes on with what an earlier desk has left open, and begins to watch."""
        await self.board.load()
        # A server that hangs is not waited for: it is seen when it answers.
        self._first = asyncio.create_task(self.watch.look(self.board.entries.values()))
        await asyncio.wait((self._first,), timeout=FIRST_LOOK_S)
        await self.courses.resume(self._operations.open_of(KIND))
        self._task = asyncio.create_task(self.watch.run())

    async def stop(self) -> None:
        """Takes down the processes that this desk has started and that were not to outlive it; then lets go of all."""
        try:
            await self._stop_processes()
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        await self.courses.stop()
        for task in (self._first, self._task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for driver in self.board.drivers.values():
            await driver.close()

    async def _stop_processes(self) -> None:
        self.courses.leave()
        starting, assets = self.courses.starting(), self.board.registry.assets
        wanted = [asset_id for asset_id, entry in self.board.entries.items() if _ends_with_desk(entry, starting)]
        patience = LEAVE_S + longest_stop(assets, wanted)
        try:
            async with asyncio.timeout(patience):
                operations = [await self._stop_for_desk(group) for group in groups(assets, wanted)]
                await self.courses.wait(itertools.chain.from_iterable(operations))
        except TimeoutError:
            left = ", ".join(sorted(self.courses.ending())) or "none"
            log.warning(
                "not waited for longer than %.0f s; still being stopped, the next desk goes on: %s", patience, left
            )

    async def _stop_for_desk(self, group: Sequence[str]) -> Sequence[str]:
        try:
            return await self.requests.stop_for_desk(Asked(DESK), group)
        except Problem as problem:
            log.warning("the processes %s go on: %s", ", ".join(group), problem.detail)
            return ()

    # -- the registry --------------------------------------------------------------------------------

    async def reload(self, asked: Asked) -> dict[str, list[str]]:
        """Reads the registry anew; a wrong one changes nothing. Raises Problem 422 that says what is wrong, or 503."""
        async with self._reloading:  # of two, the one that reads later is the one that holds
            brought = await self.requests.take_registry(await self._read(asked), asked)
        [failure] = await asyncio.gather(self.watch.tick(), return_exceptions=True)
        if failure is not None:  # the registry holds all the same, and everything is looked at again in a moment
            log.warning("the look right after a reload failed: %s", getattr(failure, "detail", failure))
        return brought

    async def _read(self, asked: Asked) -> Registry:
        try:
            return build(await asyncio.to_thread(self._reread), self.board.drivers)
        except (RegistryError, SettingsError) as error:
            note_refused(self.board, asked, str(error))
            problems = getattr(error, "problems", [str(error)])
            raise Problem(422, f"{error}: the registry that holds stays as it is", problems=problems) from error

    # -- for people ----------------------------------------------------------------------------------

    def list(self) -> list[dict[str, Any]]:
        """All assets, as the registry orders them."""
        return [self.board.shown(entry) for entry in self.board.entries.values()]

    def get(self, asset_id: str) -> dict[str, Any]:
        """One asset. Raises Problem 404."""
        return self.board.shown(self.requests.entry(asset_id))

    def frames(self, after: int | None) -> AsyncIterator[bytes]:
        """The stream."""
        return self.board.frames(after)

    # -- for other rooms -----------------------------------------------------------------------------

    def outputs(self) -> Sequence[AssetOutput]:
        """Where what assets print goes. Safe from any thread."""
        return outputs(self.board)

    def owned(self) -> Owned:
        """What is an asset's of this host, for whoever joins GPU memory and jobs to assets."""
        entries = [*self.board.departed.items(), *self.board.entries.items()]
        return Owned(
            containers={e.observed.container: asset for asset, e in entries if e.observed.container},
            names={str(e.asset.target): asset for asset, e in entries if e.asset.driver == "docker"},
            processes={process: asset for asset, e in entries for process in e.observed.processes},
        )


def _ends_with_desk(entry: Entry, starting: Collection[str]) -> bool:
    ours = entry.wish.desired == WANT_RUNNING and bool(getattr(entry.asset.target, "argv", ()))
    lives = entry.observed.is_alive or entry.asset.id in starting
    return entry.asset.driver == "process" and ours and not entry.asset.detach and lives
