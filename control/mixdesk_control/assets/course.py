"""The course of one operation: what it does to which assets in which order, and how it comes to its end.

It is written so that it may begin anew at any point: what is done already is seen and passed over. That is how an
operation survives the death of its desk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from mixdesk_control.assets import graph
from mixdesk_control.assets.hands import Failed, Hands
from mixdesk_control.assets.walk import walk
from mixdesk_control.operations.operation import CANCELED, FAILED, SUCCEEDED
from mixdesk_control.web.problems import Problem

log = logging.getLogger("mixdesk.assets")

START, STOP = "start", "stop"


class Halted(Exception):
    """The operation goes no further: a newer one has taken its place, or it was taken back."""


@dataclass(slots=True, eq=False)
class Course:
    """One operation on its way.

    starts    assets to bring up, dependencies first
    stops     assets to take down, dependents first; of a start those that make room for it
    after     older ones that this one waits for: they end at their current step
    starting  all assets that operations are to bring up, as it is when asked; `ending` those they are to take down
    done      {asset: what became of it}
    begun     what it has started itself and that is not ready yet
    telling   held by whoever notes a step: one at a time, or one would forget the other's
    """

    operation: str
    action: str
    target: str
    hands: Hands
    starts: Sequence[str] = ()
    stops: Sequence[str] = ()
    after: Sequence[Course] = ()
    starting: Callable[[], Collection[str]] = tuple
    ending: Callable[[], Collection[str]] = tuple
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)
    halted_as: str | None = None
    reason: str | None = None
    _halt: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_open(self) -> bool:
        """Whether it still means to do what it was made for."""
        return self.halted_as is None and not self.over.is_set()

    def opposes(self, starts: Collection[str], stops: Collection[str]) -> bool:
        """Whether it does the opposite with one of these assets."""
        return not (set(self.starts).isdisjoint(stops) and set(self.stops).isdisjoint(starts))

    def is_wanted(self, asset_id: str) -> bool:
        """Whether a newer operation is to bring up what this one takes down."""
        return asset_id in self.starting()

    def going(self) -> Collection[str]:
        """What operations take down just now, or are still to: its memory may come back."""
        return self.ending()

    def halt(self, state: str, reason: str) -> None:
        """It ends after its current step, as `superseded` or `canceled`."""
        if self.halted_as is None:
            self.halted_as, self.reason = state, reason
            self._halt.set()

    async def run(self) -> tuple[str, str | None]:
        """Sees it through. Returns the state in which it ends, and why where it did not succeed."""
        try:
            for other in self.after:
                await other.over.wait()
            await (self._start() if self.action == START else self._stop())
        except Halted:
            return self.halted_as or CANCELED, self.reason
        except Failed as error:
            return FAILED, str(error)
        except Problem as problem:  # a step that the disk did not take
            return FAILED, problem.detail
        except Exception:  # the edge of a background task: an operation always comes to an end
            log.exception("operation %s failed", self.operation)
            return FAILED, "the desk failed at this; its log has the reason"
        return SUCCEEDED, None

    async def _start(self) -> None:
        assets = self.hands.assets()
        if self.halted_as == CANCELED:  # taken back just before its desk died
            await walk(tuple(reversed(self.starts)), self._dependents, self._clear)
        if self.stops:
            await walk(self.stops, self._dependents, self._evict)
            self._check()
            await self.hands.check_fit(self.starts)
        await walk(self.starts, lambda asset_id: assets[asset_id].dependencies if asset_id in assets else (), self._up)

    async def _stop(self) -> None:
        await walk(self.stops, self._dependents, self._take_down)

    def _dependents(self, asset_id: str) -> Sequence[str]:
        return graph.dependents(self.hands.assets(), asset_id)

    async def _up(self, asset_id: str) -> None:
        async with self._acting(asset_id):
            try:
                self.done[asset_id] = await self.hands.bring_up(asset_id, self)
            except Halted:
                # Who takes a start back wants nothing half loaded; a newer request says itself what it wants.
                if self.halted_as == CANCELED and asset_id in self.begun:
                    self.done[asset_id] = await self.hands.take_down(asset_id, self)
                raise

    async def _clear(self, asset_id: str) -> None:
        if asset_id in self.begun and not self.is_wanted(asset_id):
            async with self.hands.acting(asset_id):
                self.done[asset_id] = await self.hands.take_down(asset_id, self)

    async def _take_down(self, asset_id: str) -> None:
        async with self._acting(asset_id):
            self.done[asset_id] = await self.hands.take_down(asset_id, self)

    async def _evict(self, asset_id: str) -> None:
        async with self._acting(asset_id):
            self.hands.check_idle(asset_id)  # much may have begun since it was chosen
            self.done[asset_id] = await self.hands.take_down(asset_id, self)

    @contextlib.asynccontextmanager
    async def _acting(self, asset_id: str) -> AsyncIterator[None]:
        """Holds the asset; another operation may be at it for long."""
        async with contextlib.AsyncExitStack() as held:
            await self.unless_halted(_enter(held, self.hands.acting(asset_id)))
            yield

    def _check(self) -> None:
        if self.halted_as is not None:
            raise Halted

    async def unless_halted(self, work: Awaitable[object]) -> None:
        """Waits for something that may take long. Raises Halted as soon as the operation is to go no further."""
        doing, halting = asyncio.ensure_future(work), asyncio.ensure_future(self._halt.wait())
        try:
            await asyncio.wait((doing, halting), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise Halted
            doing.result()
            self._check()
        finally:
            doing.cancel()
            halting.cancel()
            await asyncio.gather(doing, halting, return_exceptions=True)


async def _enter(held: contextlib.AsyncExitStack, context: contextlib.AbstractAsyncContextManager[None]) -> None:
    await held.enter_async_context(context)
