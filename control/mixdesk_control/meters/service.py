"""The meters of all hosts: everything that other rooms and the routes call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import msgspec

from mixdesk_control.meters.meter import Meter
from mixdesk_control.meters.snapshots import HostSnapshot
from mixdesk_control.meters.sources import LocalSource, Source
from mixdesk_control.web.problems import Problem
from mixdesk_exporter.family import Family

WAIT_S = 3.0


class MetersService:
    """Follows sources from `start` to `stop`. `make` opens them in the background: one may have to be looked for."""

    def __init__(self, names: Sequence[str], make: Callable[[str], Source]) -> None:
        self._names, self._make = names, make
        self._meters: list[Meter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._opened = asyncio.Event()

    async def start(self) -> None:
        """Begins to open and to read."""
        self._tasks = [asyncio.create_task(self._open())]

    async def _open(self) -> None:
        # One after another and in their order: the first one is who is shown unless somebody says otherwise.
        for name in self._names:
            meter = Meter(await asyncio.to_thread(self._make, name))
            self._meters.append(meter)
            self._tasks.append(asyncio.create_task(meter.run()))
        self._opened.set()

    async def stop(self) -> None:
        """Ends the reading and lets go of the sources."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for meter in self._meters:
            meter.close()

    # -- figures -------------------------------------------------------------------------------------

    def snapshots(self) -> list[HostSnapshot]:
        """The newest of each host that counts; whoever asks is nobody who looks."""
        return [found for meter in self._meters if (found := meter.snapshot) is not None]

    def host_of(self, boot_id: str | None) -> str | None:
        """What a host is called by its exporter; None for one that no source reads."""
        return next((found.host for found in self.snapshots() if boot_id and found.boot_id == boot_id), None)

    def families(self) -> Iterable[Family]:
        """The metric families of the exporter in this process; any thread may ask."""
        local = [meter.source for meter in self._meters if isinstance(meter.source, LocalSource)]
        return local[0].families() if local else ()

    async def current(self, host: str | None) -> bytes:
        """The system metrics of a host as JSON. Raises Problem 404 for one that is not known, 503 without figures."""
        meter = await self._meter(host)
        found = await meter.fresh(WAIT_S)
        if found is None:
            raise Problem(503, f"no figures of {meter.host}: {meter.error or 'it is being asked'}", headers=RETRY)
        return self._document(meter, bytes(found.metrics))

    async def frames(self, host: str | None) -> AsyncIterator[bytes]:
        """The same without end: two minutes of the past, then once a second. Raises Problem 404."""
        meter = await self._meter(host)
        return self._documents(meter)

    async def _documents(self, meter: Meter) -> AsyncIterator[bytes]:
        async for metrics in meter.frames():
            yield self._document(meter, metrics)

    async def _meter(self, host: str | None) -> Meter:
        if not self._names:
            raise Problem(404, "this desk reads no exporter: see [meters] sources, or start it without --no-exporter")
        try:
            async with asyncio.timeout(WAIT_S):
                await self._opened.wait()
        except TimeoutError as error:
            raise Problem(503, "the exporters are being looked for", headers=RETRY) from error
        found = self._meters[:1] if host is None else _named(self._meters, host)
        if not found:
            raise Problem(404, f"host {host!r} is not known: use one of {', '.join(self._hosts())}")
        return found[0]

    def _hosts(self) -> list[str]:
        return list(dict.fromkeys(meter.host for meter in self._meters))

    def _document(self, meter: Meter, metrics: bytes) -> bytes:
        about = msgspec.json.encode({"host": meter.host, "hosts": self._hosts()})
        return about[:-1] + b"," + metrics[1:] if metrics != b"{}" else about


RETRY = {"Retry-After": "1"}


def _named(meters: Iterable[Meter], host: str) -> list[Meter]:
    """By the host's own name, or as the settings call it."""
    return [meter for meter in meters if host in (meter.host, meter.source.name)]
