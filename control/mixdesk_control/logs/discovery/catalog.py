"""All services and their sources, as they are now: one look that all callers share."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mixdesk_control.docker_engine.engine import SOCKET, Engine
from mixdesk_control.logs.discovery.asking import Asking
from mixdesk_control.logs.discovery.bounding import bounded
from mixdesk_control.logs.discovery.changes import Changes
from mixdesk_control.logs.discovery.composing import Composing
from mixdesk_control.logs.discovery.plan import Planned, planned
from mixdesk_control.logs.discovery.remembered import Remembered
from mixdesk_control.logs.discovery.services import Built, World, build
from mixdesk_control.logs.place import Place
from mixdesk_control.logs.places.root import PROC
from mixdesk_control.logs.source import Service, Source
from mixdesk_control.settings_logs import LogsSettings
from mixdesk_control.threads import in_thread

PLATFORM = "mixdesk"
PATIENCE_S = 5.0  # with a look, where there was one before
FIRST_PATIENCE_S = 20.0  # with the first one
MOST_NAMED = 40  # names in a message


log = logging.getLogger(__name__)


class StillLooking(Exception):
    """The first look takes long, so nothing is known yet; one line that says at what it looks."""


class UnknownService(KeyError):
    """There is no service of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownSource(KeyError):
    """The service has no such source."""

    def __str__(self) -> str:
        return str(self.args[0])


def none() -> Sequence[Service]:
    """No others."""
    return ()


def engine_address(settings: LogsSettings, env: Mapping[str, str] | None = None) -> Path | str:
    """The setting, else DOCKER_HOST, else the usual socket."""
    return settings.docker or (os.environ if env is None else env).get("DOCKER_HOST") or SOCKET


class Catalog:
    """Used on the event loop; what blocks is done in threads.

    socket     of the engine; default what the settings and the environment say
    state_dir  where ids are remembered, so that they outlive a start
    others     services that neither compose nor an engine knows (process assets, jobs), called in a thread
    engine     the one to ask, where somebody has it already
    remembers  whether new ids are written down; a command that only shows what there is leaves that to the desk
    """

    def __init__(
        self,
        settings_logs: LogsSettings,
        *,
        socket: Path | str | None = None,
        state_dir: Path,
        procfs: Path = PROC,
        others: Callable[[], Sequence[Service]] = none,
        env: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        patience_s: float = PATIENCE_S,
        first_patience_s: float = FIRST_PATIENCE_S,
        engine: Engine | None = None,
        remembers: bool = True,
    ) -> None:
        self._settings, self._others = settings_logs, others
        self._patience_s, self._first_patience_s = patience_s, first_patience_s
        self._clock, self._monotonic = clock, monotonic
        self._world = World(engine or Engine(socket or engine_address(settings_logs, env)), procfs)
        self._is_engine_set = is_engine_set(settings_logs, env)
        self._asking = Asking(self._world.engine, procfs=procfs, monotonic=monotonic)
        self._composing = Composing(settings_logs.compose, env)
        self._remembered = Remembered(state_dir / "logs" / "ids.json", writes=remembers)
        self._services: Sequence[Service] = ()
        self._folders: Sequence[tuple[Place, str]] = ()
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._looking_at = "compose files"
        self._troubles: tuple[str, ...] = ()

    @property
    def engine(self) -> Engine:
        """The engine that is asked."""
        return self._world.engine

    @property
    def platform(self) -> str:
        """The setting, else the compose project's name, else `mixdesk`; the first time it may read the files."""
        return self._settings.platform or self._composing.project().name or PLATFORM

    @property
    def known(self) -> Sequence[Service]:
        """What the last look has found."""
        return self._services

    def last(self, source: Source) -> Source | None:
        """The same source as the last look has found it; None where it has not."""
        services = (service for service in self._services if service.name == source.service)
        return next((one for service in services for one in service.sources if one.id == source.id), None)

    @property
    def troubles(self) -> Sequence[str]:
        """Why the last look may have missed services: compose files that cannot be read, an engine that is silent."""
        return self._troubles

    @property
    def folders(self) -> Sequence[tuple[Place, str]]:
        """What the last look has looked into."""
        return self._folders

    async def services(self, max_age_s: float = 1.0) -> Sequence[Service]:
        """As they were at most so many seconds ago; as they were last where a folder (of a dead server) hangs.

        Raises StillLooking where nothing is known yet.
        """
        since = self._monotonic() - max(max_age_s, 0.0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s if self._is_known else self._first_patience_s):
                while self._looked_at < since:  # a look that began before says nothing of what came meanwhile
                    await asyncio.shield(self._look_under_way())
        if not self._is_known:
            raise StillLooking(f"still looking for logs, at {self._looking_at}; ask again")
        return self._services

    @property
    def _is_known(self) -> bool:
        return self._looked_at > float("-inf")

    def _look_under_way(self) -> asyncio.Task[None]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return self._looking

    async def find(self, service: str, source: str, max_age_s: float = 1.0) -> tuple[Service, Source]:
        """By id, or by kind the best one. Raises UnknownService and UnknownSource, which say what there is."""
        services = await self.services(max_age_s)
        found = next((one for one in services if one.name == service), None)
        if found is None:
            raise UnknownService(f"no service is called {service!r}; there are {_named(one.name for one in services)}")
        wanted = found.source(source)
        if wanted is None:
            there = _named(one.id for one in found.sources)
            raise UnknownSource(f"service {service} has no source {source!r}; there are {there}")
        return found, wanted

    def changes(self) -> AsyncGenerator[None]:
        """Each time when services or sources may have changed; close it at the end."""
        return Changes(self.engine, lambda: self._folders).watch()

    async def close(self) -> None:
        """Lets go of the engine; a look that hangs is left to itself."""
        if self._looking is not None:
            await asyncio.wait([self._looking], timeout=self._patience_s)
            self._looking.cancel()
        self._asking.close()

    async def _look(self) -> None:
        at = self._monotonic()
        built, others, troubles = await in_thread(self._scan, "mixdesk-logs-look")
        self._services = (*(one.service for one in built), *others)
        self._folders = [folder for one in built for folder in one.folders]
        self._looked_at = at
        if troubles and not self._troubles:
            log.warning("Logs may be missing for now: %s", "; ".join(troubles))
        self._troubles = troubles

    # -- in a thread ---------------------------------------------------------------------------------

    def _scan(self) -> tuple[list[Built], Sequence[Service], tuple[str, ...]]:
        self._looking_at = "compose files"
        project = self._composing.project()
        self._looking_at = f"the Docker engine {self.engine.shown}"
        seen = self._asking.look()
        wanted = planned(project, seen.containers, self._settings.services)
        built = [self._built(one, seen.trouble) for one in wanted]
        self._remembered.keep({one.service.name: one.ids for one in built if one.ids})
        self._looking_at = "assets and jobs"
        others = _apart({one.service.name for one in built}, self._others())
        is_missed = self._is_engine_expected() or any(_needs_engine(one) for one in wanted)
        troubles = tuple(one for one in (project.trouble, seen.trouble if is_missed else None) if one is not None)
        for one in built:
            one.service = noting(bounded(one.service), troubles)
        return built, others, troubles

    def _is_engine_expected(self) -> bool:
        """Somebody has named it, or its socket is there."""
        return self._is_engine_set or os.access(self.engine.shown, os.F_OK)

    def _built(self, one: Planned, trouble: str | None) -> Built:
        self._looking_at = f"service {one.name}"
        return build(one, self._world, known=self._remembered.of(one.name), trouble=trouble, now=self._clock())


def is_engine_set(settings: LogsSettings, env: Mapping[str, str] | None = None) -> bool:
    """Whether somebody has named an engine."""
    return bool(settings.docker or (os.environ if env is None else env).get("DOCKER_HOST"))


def _needs_engine(planned: Planned) -> bool:
    is_named = planned.configured is not None and planned.configured.container is not None
    return is_named or planned.composed is not None or bool(planned.containers)


def noting(service: Service, troubles: Iterable[str]) -> Service:
    """The same with these notes, where it does not say them yet."""
    said = " ".join(service.notes)
    return replace(service, notes=(*service.notes, *(one for one in troubles if one not in said)))


def _apart(names: set[str], others: Sequence[Service]) -> list[Service]:
    """Those whose name no other service has."""
    return [one for one in others if one.name not in names]


def _named(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return (", ".join(known[:MOST_NAMED]) or "none") + more
