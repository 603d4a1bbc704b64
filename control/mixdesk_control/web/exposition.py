"""`/metrics`: the families of every room, rendered once in half a second whoever scrapes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.responses import Response

from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import SCRAPER, Principal
from mixdesk_exporter import exposition

MAX_AGE_S = 0.5

Families = Callable[[], Iterable[Metric]]


class Rendered:
    """The newest bodies, one a format and encoding."""

    def __init__(self, families: Families, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._families = families
        self._monotonic = monotonic
        self._taken = float("-inf")
        self._snapshot: list[Metric] = []
        self._bodies: dict[tuple[str, bool], bytes] = {}

    def body(self, form: str, *, gzip: bool) -> bytes:
        """The body of a snapshot that is at most half a second old."""
        if self._monotonic() - self._taken > MAX_AGE_S:
            self._snapshot, self._bodies = list(self._families()), {}
            self._taken = self._monotonic()  # last: a snapshot that failed is not the newest one
        key = (form, gzip)
        if key not in self._bodies:
            plain = self._bodies.setdefault((form, False), exposition.render_as(self._snapshot, form))
            self._bodies[key] = exposition.compressed(plain) if gzip else plain
        return self._bodies[key]


def router(families: Families) -> APIRouter:
    """`GET /metrics`, for a scraper's token or this host."""
    rendered = Rendered(families)
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
        return Response(rendered.body(form, gzip=gzip), headers=headers)

    return routes


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
