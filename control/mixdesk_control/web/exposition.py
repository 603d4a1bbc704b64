"""`/metrics`: the families of every room, rendered once in half a second whoever scrapes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.responses import Response

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import SCRAPER, Principal
from mixdesk_exporter import exposition
from mixdesk_exporter.family import Family

MAX_AGE_S = 0.5

Made = TypeVar("Made")

AnyFamily = Metric | Family

Collect = Callable[[], Callable[[], Iterable[AnyFamily]]]


class _Snapshot:
    """One collection, and what came of it: everybody who asks meanwhile waits for the same work."""

    def __init__(self, taken: float, families: asyncio.Future[list[AnyFamily]]) -> None:
        self.taken = taken
        self.families = families
        self.bodies: dict[tuple[str, bool], asyncio.Future[bytes]] = {}


class Rendered:
    """The newest bodies, one a format and encoding, made on a thread of their own."""

    def __init__(self, collect: Collect, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._collect = collect
        self._monotonic = monotonic
        self._newest: _Snapshot | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mixdesk-scrape")

    async def body(self, form: str, *, gzip: bool) -> bytes:
        """The body of a snapshot that is at most half a second old."""
        snapshot = self._newest
        if snapshot is None or self._monotonic() - snapshot.taken > MAX_AGE_S:
            snapshot = self._newest = self._new()
        try:
            # A scraper that gives up leaves the work to the others.
            return await asyncio.shield(self._body_of(snapshot, form, gzip))
        except Exception:
            if self._newest is snapshot:
                self._newest = None  # one that failed is not the newest one
            raise

    def _new(self) -> _Snapshot:
        make = self._collect()
        return _Snapshot(self._monotonic(), self._run(lambda: list(make())))

    def _body_of(self, snapshot: _Snapshot, form: str, gzip: bool) -> asyncio.Future[bytes]:
        key = (form, gzip)
        if key not in snapshot.bodies:
            made = self._packed(snapshot, form) if gzip else self._plain(snapshot, form)
            snapshot.bodies[key] = asyncio.ensure_future(made)
        return snapshot.bodies[key]

    async def _plain(self, snapshot: _Snapshot, form: str) -> bytes:
        families = await snapshot.families
        return await self._run(lambda: exposition.render_as(families, form))

    async def _packed(self, snapshot: _Snapshot, form: str) -> bytes:
        plain = await self._body_of(snapshot, form, gzip=False)
        return await self._run(lambda: exposition.compressed(plain))

    def _run(self, work: Callable[[], Made]) -> asyncio.Future[Made]:
        return exposition.run_beside(self._thread, work)


def router(collect: Collect) -> APIRouter:
    """`GET /metrics`, for a scraper's token or this host.

    `collect` is called on the event loop and quick; what it returns makes the families, on another thread.
    """
    rendered = Rendered(collect)
    routes = APIRouter(tags=["metrics"])

    @routes.get("/metrics", response_class=Response)
    async def metrics(
        _principal: Annotated[Principal, Depends(needs(SCRAPER, loopback=True))], request: Request
    ) -> Response:
        """Prometheus text 0.0.4 or OpenMetrics 1.0, as the scraper asks."""
        form = exposition.choose(request.headers.get("accept"))
        gzip = exposition.accepts_gzip(request.headers.get("accept-encoding"))
        headers = {"Content-Type": exposition.CONTENT_TYPES[form], "Vary": "Accept, Accept-Encoding"}
        if gzip:
            headers["Content-Encoding"] = "gzip"
        return Response(await rendered.body(form, gzip=gzip), headers=headers)

    return routes


def joined(own: Sequence[Metric], meters: Iterable[Family]) -> list[AnyFamily]:
    """Both; of a family that both have (the build) the desk's own one holds.

    What was left out stays in both: the renderer makes one family of them.
    """
    names = {family.name for family in own} - {exposition.SERIES_DROPPED.name}
    return [*own, *(family for family in meters if family.name not in names)]


def own_families(requests: Counter[tuple[str, str]], version: str) -> list[Metric]:
    """What the web room knows: answers by route and status, and the version."""
    counts = CounterMetricFamily(
        "mixdesk_http_requests", "Answers by route template and status code.", labels=["route", "code"]
    )
    for (route, code), count in sorted(requests.items()):
        counts.add_metric([route, code], count)
    build = GaugeMetricFamily("mixdesk_build_info", "1, labelled with the version of this desk.", labels=["version"])
    build.add_metric([version], 1)
    return [counts, build]
