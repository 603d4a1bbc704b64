"""The meters of all hosts: everything that other rooms and the routes call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

import msgspec

from mixdesk_control.meters.meter import Meter
from mixdesk_control.meters.snapshots import HostSnapshot, SnapshotError
from mixdesk_control.meters.sources import SCRAPE_AGE_S, OwnExporter, Source, ThisHost
from mixdesk_control.web.problems import Problem
from mixdesk_exporter.family import Family

WAIT_S = 3.0
RETRY = {"Retry-After": "1"}


class MetersService:
    """Follows sources from `start` to `stop`; the first of them is shown unless another is named."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._meters = [Meter(source) for source in sources]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to read."""
        self._tasks = [asyncio.create_task(meter.run()) for meter in self._meters]

    async def stop(self) -> None:
        """Ends the reading and lets go of the sources."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(asyncio.to_thread(meter.close) for meter in self._meters))

    # -- figures -------------------------------------------------------------------------------------

    def look(self) -> None:
        """Somebody looks at figures of all hosts: for a while they are read once a second."""
        for meter in self._meters:
            meter.look()

    def snapshots(self) -> list[HostSnapshot]:
        """The newest of each host that counts. A host that two sources read is that of the first."""
        return self._of_hosts([found for meter in self._meters if (found := meter.snapshot) is not None])

    def scraped(self) -> Callable[[], list[HostSnapshot]]:
        """The same for a scrape: what it gives is called on another thread, and has this host as it is then."""
        self.look()
        known, own = self.snapshots(), self._own()
        if own is None:
            return lambda: known

        def found() -> list[HostSnapshot]:
            try:
                return self._of_hosts([own.read(SCRAPE_AGE_S), *known])
            except SnapshotError:  # the meter says so; a scrape has other figures to give
                return known

        return found

    def _of_hosts(self, found: Iterable[HostSnapshot]) -> list[HostSnapshot]:
        """By boot id, each once: nobody's memory is counted twice, nor by a source that claims another's host."""
        hosts: dict[str, HostSnapshot] = {}
        for number, snapshot in enumerate(found):
            hosts.setdefault(snapshot.boot_id or f"unknown {number}", snapshot)
        return list(hosts.values())

    async def renewed(self, boot_id: str, wait_s: float = WAIT_S) -> HostSnapshot | None:
        """A snapshot of the host with this boot id, read after the call; None where no source reads it.

        Raises SnapshotError where one does and gives none now.
        """
        meter = next((meter for meter in self._meters if _is_of(meter, boot_id)), None)
        if meter is None:
            return None
        found = await meter.renewed(wait_s)
        if found is None:
            raise SnapshotError(meter.error or f"{meter.source.name} gives no figures within {wait_s:g} s")
        return found

    def host_of(self, boot_id: str | None) -> str | None:
        """What a host is called by its exporter; None for one that no source reads."""
        return next((found.host for found in self.snapshots() if boot_id and found.boot_id == boot_id), None)

    def families(self) -> Iterable[Family]:
        """The metric families of the exporter in this process; any thread may ask."""
        own = self._own()
        return () if own is None else own.families()

    def _own(self) -> OwnExporter | None:
        local = [meter.source for meter in self._meters if isinstance(meter.source, ThisHost)]
        return local[0].own if local else None

    # -- for people ----------------------------------------------------------------------------------

    async def current(self, host: str | None) -> bytes:
        """The system metrics of a host as JSON. Raises Problem 404 for one that is not known, 503 without figures."""
        meter = await self._meter(host)
        metrics = await meter.fresh(WAIT_S)
        if metrics is None:
            raise Problem(503, f"no figures of {meter.host}: {meter.error or 'it is being asked'}", headers=RETRY)
        return self._document(meter, metrics)

    async def frames(self, host: str | None) -> AsyncIterator[bytes]:
        """The same without end: two minutes of the past, then once a second. Raises Problem 404."""
        return self._documents(await self._meter(host))

    async def _documents(self, meter: Meter) -> AsyncIterator[bytes]:
        async for metrics in meter.frames():
            yield self._document(meter, metrics)

    async def _meter(self, host: str | None) -> Meter:
        if not self._meters:
            raise Problem(404, "this desk reads no exporter: see [meters] sources, or start it without --no-exporter")
        found = self._meters[:1] if host is None else _named(self._meters, host)
        if not found:  # just started, a desk does not know yet what its hosts are called
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WAIT_S):
                    await asyncio.gather(*(meter.tried.wait() for meter in self._meters))
            found = _named(self._meters, host or "")
        if not found:
            raise Problem(404, f"host {host!r} is not known: use one of {', '.join(self._hosts())}")
        return found[0]

    def _hosts(self) -> list[str]:
        """What each is called; of two hosts of one name the later one as the settings call it."""
        names: dict[str, None] = {}
        for meter in self._meters:
            names[meter.source.name if meter.host in names else meter.host] = None
        return list(names)

    def _document(self, meter: Meter, metrics: bytes) -> bytes:
        about = msgspec.json.encode({"host": meter.host, "hosts": self._hosts()})
        return about[:-1] + b"," + metrics[1:]


def _is_of(meter: Meter, boot_id: str) -> bool:
    return isinstance(meter.source, ThisHost) or (meter.snapshot is not None and meter.snapshot.boot_id == boot_id)


def _named(meters: Iterable[Meter], host: str) -> list[Meter]:
    """By the host's own name, or as the settings call it."""
    return [meter for meter in meters if host in (meter.host, meter.source.name)]
