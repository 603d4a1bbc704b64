"""`GET /metrics`: one reading and one body for all who scrape at the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from mixdesk_exporter import exposition
from mixdesk_exporter.pacer import Pacer
from mixdesk_exporter.sampler import PATIENCE_S, QUICK_S, Sampler
from mixdesk_exporter.serving.requests import Request
from mixdesk_exporter.serving.responses import Response, said
from mixdesk_exporter.snapshot import Snapshot

MAX_AGE_S = 0.5
MOST_WAITING = 40
TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds"
MOST_WISHES = 64  # whose time is remembered
MARGIN_S = 0.5  # an answer has to travel, too
SHORTEST_S = 0.1

Wish = tuple[str, bool, frozenset[str] | None]
"""Format, whether as gzip, and the collectors wanted: None for all."""


@dataclass(slots=True)
class Scrape:
    """Answers scrapes: on the event loop where that is quick, else on a thread. What many ask for is made once.

    pacer  who keeps the sampler sampling, told of each scrape
    """

    sampler: Sampler
    pacer: Pacer
    max_waiting: int = MOST_WAITING
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "mixdesk scrape"))
    _of: Snapshot | None = None
    _answers: dict[Wish, Response] = field(default_factory=dict)
    _under_way: dict[Wish, asyncio.Future[Response]] = field(default_factory=dict)
    _waiting: int = 0
    _took_s: dict[Wish, float] = field(default_factory=dict)

    def answer(self, request: Request) -> Response | Awaitable[Response]:
        """The body that is at hand, or one that is being made."""
        try:
            wish = self._wish(request)
        except ValueError as error:
            return said(400, str(error))
        snapshot = self.sampler.at_hand(MAX_AGE_S, whole=True)
        if snapshot is not None and snapshot is self._of and wish in self._answers:
            return self._answers[wish]
        if self._waiting >= self.max_waiting:
            return said(503, f"{self._waiting} scrapes are waiting already", b"Retry-After: 1\r\n")
        if self._took_s.get(wish, QUICK_S) < QUICK_S and self.sampler.is_quick and not self._under_way:
            made = self._make(wish, QUICK_S)
            self.pacer.move()
            return made
        return self._made(wish, _patience_s(request))

    def _wish(self, request: Request) -> Wish:
        headers = request.headers
        form = exposition.choose(headers.get("accept"))
        gzip = exposition.accepts_gzip(headers.get("accept-encoding"))
        return form, gzip, self._names(request) if request.query else None

    def _names(self, request: Request) -> frozenset[str] | None:
        wanted, refused = request.query.get("collect[]", []), request.query.get("exclude[]", [])
        known = [collector.name for collector in self.sampler.collectors]
        for name in (*wanted, *refused):
            if name not in known:
                raise ValueError(f"there is no collector {name[:100]!r}; there are {', '.join(known)}")
        if not wanted and not refused:
            return None
        return frozenset(wanted or known) - frozenset(refused)

    async def _made(self, wish: Wish, patience_s: float | None) -> Response:
        self._waiting += 1
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(self._shared(wish))
        except TimeoutError:
            return said(503, f"no snapshot within the scrape's time-out of {patience_s:g} s")
        finally:
            self._waiting -= 1

    def _shared(self, wish: Wish) -> asyncio.Future[Response]:
        making = self._under_way.get(wish)
        if making is None:
            making = self._under_way[wish] = exposition.run_beside(self._pool, lambda: self._make(wish))
            making.add_done_callback(lambda _: self._over(wish))
        return making

    def _over(self, wish: Wish) -> None:
        self._under_way.pop(wish, None)
        self.pacer.move()

    def _make(self, wish: Wish, patience_s: float = PATIENCE_S) -> Response:
        began = time.perf_counter()
        snapshot = self.sampler.snapshot(MAX_AGE_S, whole=True, patience_s=patience_s)
        if snapshot is not self._of:
            self._of, self._answers = snapshot, {}
        known = self._answers.get(wish)
        if known is None:
            known = self._answers[wish] = written(snapshot, wish)
            self._note(wish, time.perf_counter() - began)
        return known

    def _note(self, wish: Wish, seconds: float) -> None:
        if len(self._took_s) >= MOST_WISHES:
            self._took_s.clear()
        self._took_s[wish] = seconds

    def close(self) -> None:
        """No scrape is answered any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def written(snapshot: Snapshot, wish: Wish) -> Response:
    """A snapshot as somebody wishes it."""
    form, gzip, names = wish
    body = exposition.render_as(snapshot.families(names), form)
    more = b"Vary: Accept, Accept-Encoding\r\n"
    if gzip:
        body, more = exposition.compressed(body), more + b"Content-Encoding: gzip\r\n"
    return Response(body, exposition.CONTENT_TYPES[form], more=more)


def _patience_s(request: Request) -> float | None:
    """What the scraper allows, less the way back; None where it does not say."""
    try:
        allowed = float(request.headers.get(TIMEOUT_HEADER, ""))
    except ValueError:
        return None
    return max(min(allowed, 600.0) - MARGIN_S, SHORTEST_S) if allowed == allowed else None
