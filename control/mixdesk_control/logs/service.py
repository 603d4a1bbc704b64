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
from mixdesk_control.docker_engine.errors import EngineError
from mixdesk_control.logs import asking, rights
from mixdesk_control.logs.discovery.asset_outputs import ASSETS
from mixdesk_control.logs.discovery.catalog import Catalog, StillLooking, UnknownService, UnknownSource, noting
from mixdesk_control.logs.discovery.job_tidying import JobLogTidying
from mixdesk_control.logs.document import cut_document, service_document, source_document
from mixdesk_control.logs.history import download, search
from mixdesk_control.logs.history.asked import Asked, Cut, Hit
from mixdesk_control.logs.keeper import Keeper
from mixdesk_control.logs.live.hub import Hub
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.rights import Owners
from mixdesk_control.logs.source import JOBS, Service, Source
from mixdesk_control.logs.targets import Writer
from mixdesk_control.logs.text.redact import Redactor
from mixdesk_control.logs.view import View
from mixdesk_control.threads import Pump
from mixdesk_control.web.paging import encode_cursor
from mixdesk_control.web.problems import Problem
from mixdesk_control.web.seats import Seats

SHOWN_S = 1.0  # so old may be what is listed
NOW_S = 0.0  # what is read with its rotated files is looked up anew: they may just have been turned over
MOST_SEARCHES, MOST_DOWNLOADS = 4, 32
PATIENCE_S = 30.0  # with who takes nothing of a search

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

    owners      whose jobs these are
    note        see Noted
    patience_s  so long a search waits for who takes nothing of it
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
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.catalog, self.hub, self._redactor, self._engine = catalog, hub, redactor, engine
        self._owners, self._note, self._shipping, self._tidying = owners, note, shipping, tidying
        self._searches, self._downloads = Seats("searches", MOST_SEARCHES), Seats("downloads", MOST_DOWNLOADS)
        self._tasks: list[asyncio.Task[None]] = []
        self._pumps: set[Pump[bytes]] = set()
        self._patience_s = patience_s

    async def start(self) -> None:
        """Keeps the list of sources true from here on, the targets file where there is one, and logs of jobs few."""
        keeper = Keeper(self.catalog, None if self._shipping is None else self._ship)
        self._tasks.append(asyncio.create_task(keeper.run()))
        if self._tidying is not None:
            self._tasks.append(asyncio.create_task(self._tidying.run()))

    async def stop(self) -> None:
        """Lets go of everything."""
        for pump in list(self._pumps):
            pump.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hub.close()
        await self.catalog.close()

    def listed(self) -> Sequence[Service]:
        """All services as they were found last: at the latest change, or half a minute ago."""
        return self.catalog.known

    async def _ship(self, services: Sequence[Service]) -> None:
        to = self._shipping
        assert to is not None
        await to.writer.keep(
            services, lambda: self.catalog.platform, host=to.host, path_map=to.path_map, log_root=to.log_root
        )

    # -- finding -------------------------------------------------------------------------------------

    async def services(self, principal: Principal) -> list[dict[str, Any]]:
        """Those of which the principal may read something, as JSON has them."""
        found = await self._found(principal, SHOWN_S)
        if rights.reads_all(principal):
            return [service_document(service) for service in self._explained(found)]
        return [service_document(await self._narrowed(principal, service)) for service in found if service.name == JOBS]

    async def sources(self, principal: Principal, name: str, limit: int, after: int) -> dict[str, Any]:
        """A page of the sources of a service. Raises Problem 404 and AccessRefused."""
        rights.check_service(principal, name)
        service = await self._narrowed(principal, await self._service(principal, name))
        some = service.sources[after : after + limit]
        items = [source_document(source, after + number) for number, source in enumerate(some, 1)]
        rest = len(service.sources) > after + limit
        return {"items": items, "next": encode_cursor([after + limit]) if rest else None}

    async def find(self, principal: Principal, name: str, source_id: str, max_age_s: float = SHOWN_S) -> Source:
        """A source that the principal may read. Raises Problem 404 and AccessRefused."""
        rights.check_service(principal, name)
        try:
            _, source = await self.catalog.find(name, source_id, max_age_s)
        except StillLooking as error:
            raise _not_yet(principal, error) from error
        except (UnknownService, UnknownSource) as error:
            known = rights.reads_all(principal)
            raise Problem(404, str(error) if known else f"no log of a job {source_id[:64]!r} is here") from error
        if not await rights.allowed(principal, [source], self._owners):
            raise Problem(404, f"no log of a job {source_id[:64]!r} is here")
        return source

    async def readable(self, principal: Principal, name: str, source_id: str, max_age_s: float = NOW_S) -> Source:
        """The same, and it can be read. Raises Problem 409 with the reason too."""
        source = await self.find(principal, name, source_id, max_age_s)
        if source.reason is not None or source.origin is None:
            raise Problem(409, f"{source.key} cannot be read: {source.reason}")
        return source

    async def _service(self, principal: Principal, name: str) -> Service:
        for service in await self._found(principal, SHOWN_S):
            if service.name == name:
                return service
        raise Problem(404, f"no service {name[:64]!r} writes logs here: `mixdesk logs services` lists those that do")

    async def _found(self, principal: Principal, max_age_s: float) -> Sequence[Service]:
        """Raises Problem 503 while nothing is known yet."""
        try:
            return await self.catalog.services(max_age_s)
        except StillLooking as error:
            raise _not_yet(principal, error) from error

    def _explained(self, found: Sequence[Service]) -> Sequence[Service]:
        """Where none but jobs and assets were found, those say why others may be missing."""
        if any(not {JOBS, ASSETS}.issuperset(service.found_in) for service in found):
            return found
        return [noting(service, self.catalog.troubles) for service in found]

    async def _narrowed(self, principal: Principal, service: Service) -> Service:
        return await rights.narrowed(principal, service, self._owners)

    # -- reading -------------------------------------------------------------------------------------

    def view(self, q: str | None, regex: str | None, level: str | None, ansi: str | None) -> View:
        """What is to be shown. Raises Problem 422."""
        return asking.view_of(q, regex, level, ansi, redact=self._redactor.redacts)

    def frames(self, source: Source, view: View, lines: int) -> AsyncGenerator[str]:
        """The frames of a stream: see `view`."""
        return self.hub.frames(source, view, lines)

    async def download(
        self, principal: Principal, source: Source, lines: int | None, *, gzipped: bool, origin: str
    ) -> AsyncIterator[bytes]:
        """The last lines of a source, or all of it, from the oldest on. Raises Problem 409, 429 and 503.

        What cannot be opened is said before the answer begins.
        """
        _check(self._downloads, principal)
        await self._note(principal, source.key, origin)

        def chunks(stopped: Callable[[], bool]) -> Iterator[bytes]:
            found = download.last(source, lines, engine=self._engine, redactor=self._redactor)
            return download.gzipped(found) if gzipped else found

        pump = Pump(chunks, "mixdesk-log-download", most=4)
        return await _begun(source, self._seated(self._downloads, principal, pump))

    async def search(
        self, principal: Principal, asked: Asked, services: Sequence[str], keys: Sequence[str]
    ) -> AsyncIterator[bytes]:
        """Hits as lines of JSON, newest first, in all logs of some services and in some logs; in all without both.

        Raises Problem 404, 409, 422, 429 and 503, and AccessRefused.
        """
        sources = await self._searched(principal, services, keys)
        _check(self._searches, principal)

        def hits(stopped: Callable[[], bool]) -> Iterator[bytes]:
            made = search.search(sources, asked, engine=self._engine, redactor=self._redactor, stopped=stopped)
            return (_line(item) for item in made)

        pump = Pump(hits, "mixdesk-log-search", most=256, patience_s=self._patience_s)
        return self._seated(self._searches, principal, pump)

    async def _seated(self, seats: Seats, principal: Principal, pump: Pump[bytes]) -> AsyncGenerator[bytes]:
        """What it gives; the seat is given back when the pump ends, even where nobody takes the rest."""
        with contextlib.ExitStack() as seat:
            seat.enter_context(seats.one(principal))
            self._pumps.add(pump)
            seat.callback(self._pumps.discard, pump)
            pump.on_end = seat.close
            async with contextlib.aclosing(pump.batches()) as batches:
                async for batch in batches:
                    yield b"".join(batch)
            if pump.was_late:
                yield _line(Cut(f"it ended, for nobody took its hits for {self._patience_s:g} s", 0))

    async def _searched(self, principal: Principal, services: Sequence[str], keys: Sequence[str]) -> Sequence[Source]:
        for name in services:
            rights.check_service(principal, name)
            await self._service(principal, name)
        wants_all = not services and not keys
        found = [service for service in await self._found(principal, NOW_S) if wants_all or service.name in services]
        seen = await rights.allowed(principal, [one for service in found for one in service.sources], self._owners)
        named = [await self.readable(principal, *asking.key_of(key), SHOWN_S) for key in keys]
        return list({source.key: source for source in (*seen, *named)}.values())


def _not_yet(principal: Principal, error: StillLooking) -> Problem:
    """At what is looked is told to those who may know all services."""
    return Problem(503, str(error) if rights.reads_all(principal) else "still looking for logs; ask again")


def _check(seats: Seats, principal: Principal) -> None:
    """Raises Problem where there is none. It is taken with the first byte: an answer that nobody hears takes none."""
    with seats.one(principal):
        pass


async def _begun(source: Source, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """The same, once its first piece is there. Raises Problem 409 and 503."""
    try:
        first = await anext(chunks, b"")
    except Unreadable as error:
        raise Problem(409, f"{source.key} cannot be read: {error}") from error
    except EngineError as error:
        raise Problem(503, f"{source.key} cannot be read for now: {error}") from error
    return _after(first, chunks)


async def _after(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk


def _line(item: Hit | Cut) -> bytes:
    if isinstance(item, Cut):
        return msgspec.json.encode(cut_document(item)) + b"\n"
    time = None if item.time is None else wire.now_text(item.time)
    shown = {"service": item.service, "source": item.source, "file": item.file, "time": time}
    return msgspec.json.encode({**shown, "level": item.level, "text": item.text}) + b"\n"
