"""The one who watches: looks anew at each change, and tells who keeps something by what was found."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Protocol

from mixdesk_control.logs.discovery.catalog import StillLooking
from mixdesk_control.logs.source import Service

PAUSE_S = 1.0  # between two looks, however much changes
AGAIN_S = 30.0  # after which a watch that broke is begun anew

log = logging.getLogger(__name__)

Told = Callable[[Sequence[Service]], Awaitable[object]]


class Catalog(Protocol):
    """What is asked of the room's catalog."""

    async def services(self, max_age_s: float = ...) -> Sequence[Service]:
        """All services with their sources."""

    def changes(self) -> AsyncGenerator[object]:
        """Something each time that services or sources may have changed; closed at the end."""


class Keeper:
    """Of one catalog; `told` gets what each look has found, one look after the other."""

    def __init__(
        self, catalog: Catalog, told: Told | None = None, *, pause_s: float = PAUSE_S, again_s: float = AGAIN_S
    ) -> None:
        self._catalog, self._told = catalog, told
        self._pause_s, self._again_s = pause_s, again_s

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._watch()
            except StillLooking as error:
                log.warning("Logs are not listed yet: %s", error)
            except Exception:  # the edge of a background task: who asks for services looks all the same
                log.exception("changes of logs are not followed; again in %g s", self._again_s)
            await asyncio.sleep(self._again_s)

    async def _watch(self) -> None:
        await self._look()
        async with contextlib.aclosing(self._catalog.changes()) as changes:
            async for _ in changes:
                await self._look()
                await asyncio.sleep(self._pause_s)

    async def _look(self) -> None:
        services = await self._catalog.services(0.0)
        if self._told is not None:
            await self._told(services)
