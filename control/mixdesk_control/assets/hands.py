"""What is done to a single asset: brought up until it is ready, taken down until its memory is back. One step each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from mixdesk_control.assets import admission
from mixdesk_control.assets.asset import ABSENT, RUNNING, STOPPED, UNKNOWN, Asset, Observed
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.drivers.driver import Driver, DriverError
from mixdesk_control.assets.entry import Entry, end_of
from mixdesk_control.assets.memory import Freed, Memory
from mixdesk_control.assets.ready import NotReady, until_ready
from mixdesk_control.web.problems import Problem

ROOM_S = 0.1
NOTE_TRIES, NOTE_S = 5, 1.0  # how often, and how far apart, what was done is written to a disk that takes nothing
SEEN_S, LOOK_S = 20.0, 0.5  # how long a driver that cannot see (its engine restarts) is waited for


class Failed(Exception):
    """A step could not be done; one line."""


class Way(Protocol):
    """The course that these steps belong to."""

    operation: str
    begun: set[str]

    def is_wanted(self, asset_id: str) -> bool:
        """Whether a newer one is to bring up what this one takes down."""

    def going(self) -> Collection[str]:
        """What operations take down just now, or are still to: its memory may come back."""

    async def unless_halted(self, work: Awaitable[object]) -> None:
        """Waits for something that may take long; raises where the course goes no further."""


Tell = Callable[[str, str, str, str | None], Awaitable[None]]
"""Notes a step of an operation: its id, the asset, what happened, and the outcome for the audit where it is one."""


class Hands:
    """Acts on assets by their drivers. Whoever acts holds `acting` of the asset."""

    def __init__(
        self,
        board: Board,
        memory: Memory,
        look: Callable[[Iterable[Entry]], Awaitable[None]],
        tell: Tell,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._memory = memory
        self._look = look
        self._tell = tell
        self._monotonic = monotonic

    def assets(self) -> Mapping[str, Asset]:
        """The registry as it is now."""
        return self._board.registry.assets

    def _entry(self, asset_id: str) -> Entry:
        entry = self._board.entries.get(asset_id)
        if entry is None:
            raise Failed(f"{asset_id} is no longer in the registry: put it back, or ask anew")
        return entry

    def _driver(self, entry: Entry) -> Driver:
        return self._board.drivers[entry.asset.driver]

    @contextlib.asynccontextmanager
    async def acting(self, asset_id: str) -> AsyncIterator[None]:
        """One at a time acts on an asset."""
        entry = self._entry(asset_id)
        async with entry.acting:
            yield
        self._board.show([entry])

    async def _seen(self, entry: Entry) -> Observed:
        """How it is now. Raises Failed where that cannot be told for a while."""
        deadline = self._monotonic() + SEEN_S
        while True:
            await self._look([entry])
            if entry.observed.doing != UNKNOWN:
                return entry.observed
            if self._monotonic() >= deadline:
                raise Failed(f"{entry.asset.id} cannot be seen: {entry.observed.reason}")
            await asyncio.sleep(LOOK_S)

    async def _noted(self, write: Callable[[], Awaitable[None]]) -> None:
        """Writes down what was done: one refused write does not undo it. Raises Problem where none is taken."""
        for _ in range(NOTE_TRIES - 1):
            try:
                return await write()
            except Problem:
                await asyncio.sleep(NOTE_S)
        return await write()

    async def _tell_done(self, way: Way, asset_id: str, what: str, outcome: str) -> None:
        await self._noted(lambda: self._tell(way.operation, asset_id, what, outcome))

    # -- up ------------------------------------------------------------------------------------------

    async def bring_up(self, asset_id: str, way: Way) -> dict[str, Any]:
        """Starts it unless it runs, and waits until it is ready. Raises Failed, and what `way` raises."""
        entry = self._entry(asset_id)
        seen, began = await self._seen(entry), self._monotonic()
        is_ours = asset_id in way.begun  # from before a restart of the desk
        if seen.is_alive and entry.failed is None and not is_ours:
            if not entry.asset.ready.log:  # of one that has run for long that line may be gone by now
                await self._wait(entry, way)
            await self._tell(way.operation, asset_id, "runs already", None)
            return {"started": False}
        if entry.asset.vram_mb or self._board.peaks.get(asset_id):  # which cards there are: a new desk knows none
            await way.unless_halted(self._memory.read())
        async with contextlib.AsyncExitStack() as locks:
            for lock in self._memory.loaders(entry.asset):
                await way.unless_halted(_take(locks, lock))
            await self._load(entry, seen, way)
        way.begun.discard(asset_id)
        took = self._monotonic() - began
        await self._tell_done(way, asset_id, f"runs, ready after {took:.1f} s", "succeeded")
        return {"started": not seen.is_alive, "seconds": round(took, 2)}

    async def _load(self, entry: Entry, seen: Observed, way: Way) -> None:
        entry.failed, entry.loading = None, True
        self._board.show([entry])
        try:
            if not seen.is_alive:
                await self._await_room(entry, way)
                await self._begin(entry, way)
            await self._wait(entry, way)
        finally:
            entry.loading = False
        self._board.show([entry])  # before it is noted on the disk: it is seen

    async def _begin(self, entry: Entry, way: Way) -> None:
        way.begun.add(entry.asset.id)
        await self._tell(way.operation, entry.asset.id, "is being started", None)
        driver = self._driver(entry)
        try:
            if getattr(driver, "may_be_cut", False):
                await way.unless_halted(driver.start(entry.asset))
            else:
                await driver.start(entry.asset)
        except DriverError as error:
            raise await self._fallen(entry, way, f"it could not be started: {error}") from error
        await self._look([entry])

    async def _wait(self, entry: Entry, way: Way) -> None:
        async def observe() -> Observed:
            await self._look([entry])
            return entry.observed

        try:
            await way.unless_halted(until_ready(entry.asset, self._driver(entry), observe))
        except NotReady as error:
            raise await self._fallen(entry, way, str(error)) from error

    async def _fallen(self, entry: Entry, way: Way, why: str) -> Failed:
        await self._look([entry])  # first: to be seen for the first time clears what was wrong with the run before
        entry.loading, entry.failed = False, why
        await self._tell_done(way, entry.asset.id, why, "failed")
        return Failed(f"{entry.asset.id}: {why}")

    # -- down ----------------------------------------------------------------------------------------

    def check_idle(self, asset_id: str) -> None:
        """Raises Failed where somebody uses one that is to make room."""
        entry = self._entry(asset_id)
        if entry.observed.doing in (STOPPED, ABSENT):
            return
        if entry.jobs:
            raise Failed(f"a job runs in {asset_id} by now: {', '.join(entry.jobs)}; it was not evicted")
        if holds := self._board.holds_of(asset_id):
            named = ", ".join(sorted({hold.actor for hold in holds}))
            raise Failed(f"{asset_id} is held by {named} by now: it was not evicted")

    async def take_down(self, asset_id: str, way: Way) -> dict[str, Any]:
        """Stops it unless it is down, and waits until its memory is back. Raises Failed."""
        entry = self._entry(asset_id)
        seen = await self._seen(entry)
        if not seen.is_alive:
            entry.failed = None
            await self._memory.settle(entry, Freed(), way.is_wanted)
            await self._tell(way.operation, asset_id, "was stopped already", None)
            return {"stopped": False}
        before = await self._memory.before(entry)
        await self._tell(way.operation, asset_id, "is being stopped", None)
        await self._end(entry, way)
        freed = await self._memory.freed(entry, before, was_loaded=seen.doing == RUNNING)
        await self._noted(lambda: self._memory.settle(entry, freed, way.is_wanted))
        await self._tell_done(way, asset_id, _told(entry.observed, freed), "succeeded")
        return {"stopped": True, "freed_mb": freed.mb, "leaked_mb": sum(freed.leaked.values())}

    async def _end(self, entry: Entry, way: Way) -> None:
        try:
            await self._driver(entry).stop(entry.asset, entry.asset.stop_grace_s)
        except DriverError as error:
            await self._look([entry])
            await self._tell_done(way, entry.asset.id, f"could not be stopped: {error}", "failed")
            raise Failed(f"{entry.asset.id} could not be stopped: {error}") from error
        if (await self._seen(entry)).is_alive:
            await self._tell_done(way, entry.asset.id, "still runs after its stop", "failed")
            raise Failed(f"{entry.asset.id} still runs after its stop: somebody else starts it")
        entry.failed = None

    # -- memory --------------------------------------------------------------------------------------

    async def check_fit(self, asset_ids: Iterable[str]) -> None:
        """Raises Failed where what was to make room did not: memory that was promised on its account is not there."""
        short = await self._short([self._entry(asset_id) for asset_id in asset_ids])
        if short:
            raise Failed("; ".join(map(str, short)))

    async def _await_room(self, entry: Entry, way: Way) -> None:
        """Waits for memory that was promised on account of somebody's stop, as long as such a stop is on its way.

        Raises Failed where it is not there after all: the stop was called off, or left memory behind, or somebody who
        asks nobody has taken it.
        """
        while entry.reserved and (short := await self._short([entry])):
            if not any(self._is_on(asset_id, short) for asset_id in way.going()):
                raise Failed(f"{entry.asset.id}: {'; '.join(map(str, short))}")
            await way.unless_halted(asyncio.sleep(ROOM_S))

    def _is_on(self, asset_id: str, short: Sequence[admission.Shortage]) -> bool:
        """Whether an asset holds memory of one of these cards, or the promise of some."""
        gpus = {shortage.gpu for shortage in short}
        promised = {row.gpu for row in self._board.reserved if row.asset == asset_id and not row.leaked}
        measured = {card.uuid for card in self._board.cards.cards if card.measured.get(asset_id)}
        return not gpus.isdisjoint(promised | measured)

    async def _short(self, entries: Sequence[Entry]) -> Sequence[admission.Shortage]:
        """What is missing for these beside all that is promised to others."""
        cards = await self._memory.read()
        if cards.error is not None:
            raise Failed(f"GPU memory cannot be read now, so nothing is loaded: {cards.error}")
        try:
            needs = self._memory.needs([entry.asset for entry in entries], cards)
        except admission.NoSuchGpu as error:
            raise Failed(str(error)) from error
        mine = {entry.asset.id for entry in entries}
        down = {entry.asset.id for entry in entries if not entry.observed.is_alive}
        others = [row for row in self._board.reserved if row.asset not in mine]
        settled = admission.settled(others, self._board.ended() | down, cards)
        return admission.shortages(needs, settled, cards, self._memory.headroom_mb)


async def _take(locks: contextlib.AsyncExitStack, lock: asyncio.Lock) -> None:
    await locks.enter_async_context(lock)


def _told(seen: Observed, freed: Freed) -> str:
    text = "has stopped"
    if seen.exit_code:
        text = f"has stopped: {end_of(seen)}"
    if freed.mb is not None:
        text += f"; {freed.mb:.0f} MiB of GPU memory freed"
    if freed.leaked:
        text += f", {sum(freed.leaked.values()):.0f} MiB did not come back"
    return text
