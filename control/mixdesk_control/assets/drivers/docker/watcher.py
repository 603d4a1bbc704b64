"""How containers are observed: a list of all in each look, and a closer look at each that is new or has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from mixdesk_control.assets.asset import RUNNING, STOPPED, UNKNOWN, Observed
from mixdesk_control.assets.drivers.docker import state
from mixdesk_control.docker_engine.engine import UNEXPECTED, Engine, Link, Listed
from mixdesk_control.docker_engine.errors import EngineError, Gone
from mixdesk_control.threads import in_thread

PATIENCE_S = 3.0
CLOSER_S = 1.5  # of one look; what is left over has its turn in the next
AGAIN_S = {RUNNING: 30.0, STOPPED: 300.0}  # should an event be lost and the engine's words not tell
AGAIN_UNWELL_S = 5.0  # what a health check says changes without an event
FEW = 3  # so many are asked for by name: somebody waits for these, and a list of all takes the engine longer
TURNS = 20  # of so many that are due, one in a look

Seen = Mapping[str, Observed]


@dataclass(slots=True)
class _Known:
    """A container as it was at the last closer look.

    listed  what the list said of it the last time
    due     when it is looked at again in any case
    """

    listed: Listed
    due: float
    observed: Observed
    pid: int


class Watcher:
    """What is known of the containers of one engine. One look at a time; who asks meanwhile shares the next."""

    def __init__(self, engine: Engine, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._monotonic = engine, monotonic
        self._link: Link | None = None
        self._known: dict[str, _Known] = {}
        self._touched: set[str] = set()
        self._wanted: set[str] = set()
        self._next: asyncio.Task[Seen | EngineError] | None = None
        self._one = asyncio.Lock()
        self._began: float | None = None
        self._turns = 0

    async def look(self, wanted: Collection[str]) -> Seen:
        """The containers of these names, in a look that begins after the call. Raises EngineError."""
        self._wanted.update(wanted)
        if self._next is None:
            self._next = asyncio.create_task(self._look())
        found = await self._answer(self._next)
        if isinstance(found, EngineError):
            raise found
        return found

    def touch(self, touched: Collection[str]) -> None:
        """Something has happened to these: the list alone is not believed, for it may be late. From any thread."""
        self._touched.update(touched)

    def processes(self) -> dict[str, tuple[str, int]]:
        """{name: (full id, first process)} of those that ran at the last look."""
        return {
            name: (known.listed.id, known.pid)
            for name, known in self._known.copy().items()
            if known.pid and known.observed.is_alive
        }

    async def _answer(self, look: asyncio.Task[Seen | EngineError]) -> Seen | EngineError:
        """Waits for it as long as neither it nor the one before takes too long."""
        while not look.done():
            now = time.monotonic()
            left = PATIENCE_S if self._began is None else self._began + PATIENCE_S - now
            if left <= 0:
                return EngineError(f"{self._engine.shown}: the Docker engine has not answered for {PATIENCE_S:g} s")
            await asyncio.wait({look}, timeout=left)
        return look.result()

    async def _look(self) -> Seen | EngineError:
        async with self._one:
            wanted, self._wanted, self._next = self._wanted, set(), None
            self._began = time.monotonic()
            try:
                return await in_thread(partial(self._read, wanted), "mixdesk-docker")
            finally:
                self._began = None

    # -- in a thread ---------------------------------------------------------------------------------

    def _read(self, wanted: Collection[str]) -> Seen | EngineError:
        try:
            if self._link is None:
                self._link = self._engine.link()
            return self._read_all(self._link, wanted)
        except EngineError as error:
            self.close()
            return error
        except UNEXPECTED as error:
            self.close()
            return EngineError(f"{self._engine.shown}: the Docker engine answers what nobody expects: {error!r}")

    def _read_all(self, link: Link, wanted: Collection[str]) -> Seen:
        few = wanted if len(wanted) <= FEW else ()
        listed = {name: item for item in link.containers(few) for name in item.called}
        for gone in set(few or self._known) - listed.keys():
            self._known.pop(gone, None)
        until, self._turns = time.monotonic() + CLOSER_S, 1 + len(wanted) // TURNS
        return {name: self._read_one(link, name, listed.get(name), until) for name in wanted}

    def _read_one(self, link: Link, name: str, item: Listed | None, until: float) -> Observed:
        if item is None:
            return state.absent(name)
        known = self._known.get(name)
        if known is not None and name not in self._touched and self._holds(known, item):
            known.listed = item
            return known.observed
        if time.monotonic() > until:
            return Observed(UNKNOWN, reason=f"{self._engine.shown}: the Docker engine is too slow to tell more yet")
        return self._closer(link, name, item)

    def _holds(self, known: _Known, item: Listed) -> bool:
        return state.is_as_before(known.listed, item) and not self._is_its_turn(known)

    def _is_its_turn(self, known: _Known) -> bool:
        """Some in each look: those that were first seen together are due together."""
        if self._turns <= 0 or self._monotonic() < known.due:
            return False
        self._turns -= 1
        return True

    def _closer(self, link: Link, name: str, item: Listed) -> Observed:
        self._touched.discard(name)  # first: what happens while the engine answers is for the next look
        try:
            found = link.inspect(item.id)
        except Gone:
            self._known.pop(name, None)
            return state.absent(name)
        except EngineError as error:
            if error.status is None:
                raise
            self._known.pop(name, None)  # one that is broken takes no other along
            return Observed(UNKNOWN, reason=str(error))
        seen = state.observed(found)
        due = self._monotonic() + (AGAIN_UNWELL_S if seen.reason else AGAIN_S.get(seen.doing, AGAIN_UNWELL_S))
        self._known[name] = _Known(item, due, seen, state.pid(found))
        return seen

    def close(self) -> None:
        """Forgets all, for the engine may come back as another."""
        self._known.clear()
        link, self._link = self._link, None
        if link is not None:
            link.close()
