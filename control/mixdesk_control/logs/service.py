"""What the routes of logs call: find a source, check who asks, and hand out its lines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mixdesk import wire
from mixdesk_control.auth.principal import Principal
from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs import asking, rights
from mixdesk_control.logs.discovery.catalog import Catalog, UnknownService, UnknownSource
from mixdesk_control.logs.discovery.job_tidying import JobLogTidying
from mixdesk_control.logs.document import service_document, source_document
from mixdesk_control.logs.history import download, search
from mixdesk_control.logs.history.asked import Asked, Cut, Hit
from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.rights import Owners
from mixdesk_control.logs.source import JOBS, Service, Source
from mixdesk_control.logs.targets import Writer
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.text.wanted import BadPattern, Wanted
from mixdesk_control.logs.view import View
from mixdesk_control.threads import Pump
from mixdesk_control.web.paging import encode_cursor
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.seats import Seats

PAUSE_S = 1.0  # between two looks, however much changes
AGAIN_S = 30.0
MOST_SEARCHES, MOST_DOWNLOADS = 4, 32

Noted = Callable[[Principal, str, str], Awaitable[None]]
"""Notes in the audit that somebody downloaded a source, from an address."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shipping:
    """Who keeps the targets file, and what it is told."""

    writer: Writer
    host: str
    path_map: dict[str, str]
    log_root: Path


class LogService:
    """The logs of one desk.

    owners  whose jobs these are
    note    see Noted
    """

    def __init__(
        self,
        catalog: Catalog,
        hub: Hub,
        redactor: Redactor,
        *,
        engine: Engine | None,
        owners: Owners,
        note: Noted,
        shipping: Shipping | None = None,
        tidying: JobLogTidying | None = None,
    ) -> None:
        self.catalog, self.hub, self._redactor, self._engine = catalog, hub, redactor, engine
        self._owners, self._note, self._shipping, self._tidying = owners, note, shipping, tidying
        self._searches, self._downloads = Seats("searches", MOST_SEARCHES), Seats("downloads", MOST_DOWNLOADS)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Keeps the list of sources true from here on, the targets file where there is one, and logs of jobs few."""
        self._tasks.append(asyncio.create_task(self._keep_listed()))
        if self._tidying is not None:
            self._tasks.append(asyncio.create_task(self._tidying.run()))
        if (to := self._shipping) is not None:
            run = to.writer.run(self.catalog, host=to.host, path_map=to.path_map, log_root=to.log_root)
            self._tasks.append(asyncio.create_task(run))

    async def stop(self) -> None:
        """Lets go of everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()
        await self.catalog.close()

    def listed(self) -> Sequence[Service]:
        """All services as they were found last: at the latest change, or half a minute ago."""
        return self.catalog.known

    async def _keep_listed(self) -> None:
        while True:
            try:
                async with contextlib.aclosing(self.catalog.changes()) as changes:
                    await self.catalog.services()
                    async for _ in changes:
                        await self.catalog.services(0.0)
                        await asyncio.sleep(PAUSE_S)
            except Exception:  # the edge of a background task: who asks for services looks all the same
                log.exception("changes of logs are not followed; again in %g s", AGAIN_S)
            await asyncio.sleep(AGAIN_S)

    # -- finding -------------------------------------------------------------------------------------

    async def services(self, principal: Principal) -> list[dict[str, Any]]:
        """Those of which the principal may read something, as JSON has them."""
        found = await self.catalog.services()
        if rights.reads_all(principal):
            return [service_document(service) for service in found]
        return [service_document(await self._narrowed(principal, service)) for service in found if service.name == JOBS]

    async def sources(self, principal: Principal, name: str, limit: int, after: int) -> dict[str, Any]:
        """A page of the sources of a service. Raises Problem 404 and AccessRefused."""
        rights.check_service(principal, name)
        service = await self._narrowed(principal, await self._service(name))
        some = service.sources[after : after + limit]
        items = [source_document(source, after + number) for number, source in enumerate(some, 1)]
        rest = len(service.sources) > after + limit
        return {"items": items, "next": encode_cursor([after + limit]) if rest else None}

    async def find(self, principal: Principal, name: str, source_id: str) -> Source:
        """A source that the principal may read. Raises Problem 404 and AccessRefused."""
        rights.check_service(principal, name)
        try:
            _, source = await self.catalog.find(name, source_id)
        except (UnknownService, UnknownSource) as error:
            known = rights.reads_all(principal)
            raise Problem(404, str(error) if known else f"no log of a job {source_id[:64]!r} is here") from error
        if not await rights.allowed(principal, [source], self._owners):
            raise Problem(404, f"no log of a job {source_id[:64]!r} is here")
        return source

    async def readable(self, principal: Principal, name: str, source_id: str) -> Source:
        """The same, and it can be read. Raises Problem 409 with the reason too."""
        source = await self.find(principal, name, source_id)
        if source.reason is not None or source.origin is None:
            raise Problem(409, f"{source.key} cannot be read: {source.reason}")
        return source

    async def _service(self, name: str) -> Service:
        for service in await self.catalog.services():
            if service.name == name:
                return service
        raise Problem(404, f"no service {name[:64]!r} writes logs here: GET /admin/logs/services lists those that do")

    async def _narrowed(self, principal: Principal, service: Service) -> Service:
        return await rights.narrowed(principal, service, self._owners)

    # -- reading -------------------------------------------------------------------------------------

    def view(self, q: str | None, regex: str | None, level: str | None, ansi: str | None) -> View:
        """What is to be shown. Raises Problem 422."""
        view = asking.view_of(q, regex, level, ansi, redact=self._redactor.redacts)
        try:
            Wanted(view)
        except BadPattern as error:
            raise Problem(422, str(error)) from error
        return view

    def frames(self, source: Source, view: View, lines: int) -> AsyncGenerator[str]:
        """The frames of a stream: see `view`."""
        return self.hub.frames(source, view, lines)

    async def download(
        self, principal: Principal, source: Source, lines: int | None, *, gzipped: bool, origin: str
    ) -> AsyncIterator[bytes]:
        """The last lines of a source, or all of it, from the oldest on. Raises Problem 429 and 503."""
        _check(self._downloads, principal)
        await self._note(principal, source.key, origin)

        def chunks(stopped: Callable[[], bool]) -> Iterator[bytes]:
            found = download.last(source, lines, engine=self._engine, redactor=self._redactor)
            return download.gzipped(found) if gzipped else found

        return _seated(self._downloads, principal, Pump(chunks, "mixdesk-log-download", most=4))

    async def search(self, principal: Principal, asked: Asked, services: Sequence[str]) -> AsyncIterator[bytes]:
        """Hits as lines of JSON, newest first. Raises Problem 404, 429 and 503, and AccessRefused."""
        for name in services:
            rights.check_service(principal, name)
            await self._service(name)
        found = [service for service in await self.catalog.services() if not services or service.name in services]
        sources = await rights.allowed(principal, [one for service in found for one in service.sources], self._owners)
        _check(self._searches, principal)

        def hits(stopped: Callable[[], bool]) -> Iterator[bytes]:
            made = search.search(sources, asked, engine=self._engine, redactor=self._redactor, stopped=stopped)
            return (_line(item) for item in made)

        return _seated(self._searches, principal, Pump(hits, "mixdesk-log-search", most=256))


def _check(seats: Seats, principal: Principal) -> None:
    """Raises Problem where there is none. It is taken with the first byte: an answer that nobody hears takes none."""
    with seats.one(principal):
        pass


async def _seated(seats: Seats, principal: Principal, pump: Pump[bytes]) -> AsyncGenerator[bytes]:
    with seats.one(principal):
        async with contextlib.aclosing(pump.batches()) as batches:
            async for batch in batches:
                yield b"".join(batch)


def _line(item: Hit | Cut) -> bytes:
    if isinstance(item, Cut):
        return msgspec.json.encode({"cut": item.reason, "searched_bytes": item.searched_bytes}) + b"\n"
    time = None if item.time is None else wire.now_text(item.time)
    shown = {"service": item.service, "source": item.source, "file": item.file, "time": time}
    return msgspec.json.encode({**shown, "level": item.level, "text": item.text}) + b"\n"
