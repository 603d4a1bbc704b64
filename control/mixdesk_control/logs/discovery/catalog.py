"""All services and their sources, as they are now: one look that all callers share."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mixdesk_control.docker_engine.engine import SOCKET, Engine
from mixdesk_control.logs.discovery.asking import Asking
from mixdesk_control.logs.discovery.changes import Changes
from mixdesk_control.logs.discovery.composing import Composing
from mixdesk_control.logs.discovery.plan import planned
from mixdesk_control.logs.discovery.remembered import Remembered
from mixdesk_control.logs.discovery.services import Built, World, build
from mixdesk_control.logs.place import Place
from mixdesk_control.logs.places.root import PROC
from mixdesk_control.logs.source import Service, Source
from mixdesk_control.settings_logs import LogsSettings
from mixdesk_control.threads import in_thread

PLATFORM = "mixdesk"
PATIENCE_S = 5.0  # with a look, where there was one before
MOST_NAMED = 40  # names in a message


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
    ) -> None:
        self._settings, self._others = settings_logs, others
        self._patience_s = patience_s
        self._clock, self._monotonic = clock, monotonic
        self._world = World(Engine(socket or engine_address(settings_logs, env)), procfs)
        self._asking = Asking(self._world.engine, procfs=procfs, monotonic=monotonic)
        self._composing = Composing(settings_logs.compose, env)
        self._remembered = Remembered(state_dir / "logs" / "ids.json")
        self._services: Sequence[Service] = ()
        self._folders: Sequence[tuple[Place, str]] = ()
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None

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
    def folders(self) -> Sequence[tuple[Place, str]]:
        """What the last look has looked into."""
        return self._folders

    async def services(self, max_age_s: float = 1.0) -> Sequence[Service]:
        """As they were at most so many seconds ago; as they were last where a folder (of a dead server) hangs."""
        if self._monotonic() - self._looked_at > max_age_s:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.wait([self._looking], timeout=None if self._looked_at < 0 else self._patience_s)
            if self._looking.done():
                self._looking.result()
        return self._services

    async def find(self, service: str, source: str) -> tuple[Service, Source]:
        """By id, or by kind the best one. Raises UnknownService and UnknownSource, which say what there is."""
        services = await self.services()
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
        built, others = await in_thread(self._scan, "mixdesk-logs-look")
        self._services = (*(one.service for one in built), *others)
        self._folders = [folder for one in built for folder in one.folders]
        self._looked_at = at

    # -- in a thread ---------------------------------------------------------------------------------

    def _scan(self) -> tuple[list[Built], Sequence[Service]]:
        project, seen = self._composing.project(), self._asking.look()
        wanted = planned(project, seen.containers, self._settings.services)
        now = self._clock()
        built = [
            build(one, self._world, known=self._remembered.of(one.name), trouble=seen.trouble, now=now)
            for one in wanted
        ]
        self._remembered.keep({one.service.name: one.ids for one in built if one.ids})
        if project.trouble:
            built = [_noting(one, project.trouble) for one in built]
        return built, _apart({one.service.name for one in built}, self._others())


def _noting(built: Built, trouble: str) -> Built:
    built.service = replace(built.service, notes=(*built.service.notes, trouble))
    return built


def _apart(names: set[str], others: Sequence[Service]) -> list[Service]:
    """Those whose name no other service has."""
    return [one for one in others if one.name not in names]


def _named(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return (", ".join(known[:MOST_NAMED]) or "none") + more
