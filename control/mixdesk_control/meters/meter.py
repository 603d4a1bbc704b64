"""One source, followed: its newest snapshot while that counts, two minutes of the past, and who looks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from mixdesk_control.meters import snapshots
from mixdesk_control.meters.asking import Asker
from mixdesk_control.meters.snapshots import HostSnapshot, SnapshotError
from mixdesk_control.meters.sources import Source, SourceError
from mixdesk_control.web.feed import Feed

FAST_S, SLOW_S = 1.0, 15.0
WATCHED_S = 300.0  # how long somebody who has looked counts as looking
LATE_S = 2.0  # how long after its time the next snapshot may come
FAST_AGE_S, SLOW_AGE_S = 0.5, 20.0  # the latter keeps no exporter awake
NEW_AGE_S = 0.02
HISTORY_S = 120.0

log = logging.getLogger("mixdesk.meters")

Reading = tuple[HostSnapshot, bytes]
"""A snapshot, and its system metrics as JSON."""


class Meter:
    """Reads one source once a second while somebody looks and for five minutes after, then four times a minute.

    One reading is under way at most, on a thread of its own: a source that hangs holds nothing up but itself. Used on
    the event loop alone.
    """

    def __init__(self, source: Source, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.source = source
        self.host = source.name  # until it has said what it is called
        self.error: str | None = None
        self._monotonic = monotonic
        self._feed: Feed[bytes] = Feed()
        self._asker: Asker[Reading] = Asker(f"mixdesk meter {source.name}")
        self._newest: Reading | None = None
        self._read_at = self._until = self._looked_at = float("-inf")
        self._history: deque[tuple[float, bytes]] = deque()
        self._sooner = asyncio.Event()
        self._wants_new = False
        self._done = asyncio.Condition()
        self._count = 0
        self.tried = asyncio.Event()  # whether it was read once, or could not be

    @property
    def snapshot(self) -> HostSnapshot | None:
        """The newest one; None where it is too old to be the truth."""
        found = self._current()
        return None if found is None else found[0]

    def _current(self) -> Reading | None:
        return self._newest if self._monotonic() <= self._until else None

    # -- those who look ------------------------------------------------------------------------------

    def look(self) -> None:
        """Somebody looks: for a while it is read once a second."""
        if self._is_slow():
            self._sooner.set()
        self._looked_at = self._monotonic()

    async def fresh(self, wait_s: float) -> bytes | None:
        """System metrics of the last second or so, where the source gives them within `wait_s`; else what counts."""
        self.look()
        if self._monotonic() - self._read_at > FAST_S + FAST_AGE_S:
            try:
                async with asyncio.timeout(wait_s), self._done:
                    await self._done.wait()
            except TimeoutError:
                pass
        found = self._current()
        return None if found is None else found[1]

    async def renewed(self, wait_s: float) -> HostSnapshot | None:
        """A snapshot that was read after this call; None where the source gives none within `wait_s`."""
        asked = self._monotonic()
        self.look()
        self._wants_new = True
        self._sooner.set()
        try:
            async with asyncio.timeout(wait_s), self._done:
                await self._done.wait_for(lambda: self._read_at >= asked)
        except TimeoutError:
            return None
        return self.snapshot

    async def frames(self) -> AsyncIterator[bytes]:
        """System metrics as JSON without end: what is known of the last two minutes, then each new one.

        Who takes them slowly gets the newest only.
        """
        self.look()
        with self._feed.reading(lambda _: True) as reader:
            for _, metrics in self._past():
                yield metrics
            async for batch in reader.batches():
                for _, metrics in batch:
                    yield metrics

    def _past(self) -> list[tuple[float, bytes]]:
        now = self._monotonic()
        while self._history and now - self._history[0][0] > HISTORY_S:
            self._history.popleft()
        return list(self._history)

    def _is_slow(self) -> bool:
        if self._feed.readers:
            self._looked_at = self._monotonic()
        return self._monotonic() - self._looked_at > WATCHED_S

    # -- reading -------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Reads until it is cancelled."""
        while True:
            began, slow = self._monotonic(), self._is_slow()
            await self._read(began, SLOW_S if slow else FAST_S, self._age(slow))
            await self._pause(began)

    def _age(self, slow: bool) -> float:
        new, self._wants_new = self._wants_new, False
        return NEW_AGE_S if new else SLOW_AGE_S if slow else FAST_AGE_S

    async def _pause(self, began: float) -> None:
        due = began + (SLOW_S if self._is_slow() else FAST_S)
        try:
            async with asyncio.timeout(max(due - self._monotonic(), 0.0)):
                await self._sooner.wait()
        except TimeoutError:
            pass
        self._sooner.clear()

    async def _read(self, began: float, pace_s: float, age_s: float) -> None:
        try:
            found = await self._asker.ask(lambda: self._asked(age_s))
        except (SourceError, SnapshotError) as error:
            self._fail(str(error))
        except Exception as error:  # the edge of a background task: a source that is odd must not end the reading
            why = f"{type(error).__name__}: {error}"
            if why != self.error:
                log.exception("the meters of %s failed", self.source.name)
            self._fail(why)
        else:
            self._take(found, began, pace_s)
        self._read_at = began
        self.tried.set()
        async with self._done:
            self._done.notify_all()

    def _asked(self, age_s: float) -> Reading:
        found = self.source.read(age_s)
        return found, snapshots.metrics_json(found)

    def _take(self, found: Reading, began: float, pace_s: float) -> None:
        if self.error is not None:
            log.info("the meters of %s are back", self.source.name)
        before, self._newest = self._newest, found
        self.error, self.host = None, found[0].host
        self._until = began + pace_s + LATE_S
        if before is None or before[0].at != found[0].at:  # else two readings shared a snapshot
            self._tell(began, found[1])

    def _tell(self, began: float, metrics: bytes) -> None:
        self._history.append((began, metrics))
        self._past()
        self._count += 1
        self._feed.publish("newest", self._count, metrics)

    def _fail(self, why: str) -> None:
        """What it said before is no longer known to hold."""
        if self.error is None or self.error.split(": ")[-1] != why.split(": ")[-1]:
            log.warning("the meters of %s: %s", self.source.name, why)
        self.error, self._newest = why, None

    def close(self) -> None:
        """Lets go of the source; a reading that hangs is left to itself."""
        self._asker.close(self.source.close)
