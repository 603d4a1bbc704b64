"""What changes, handed to many readers: each gets the newest of every key, at the pace it can take.

Publishing never waits. A reader that is slow, or that is held back on purpose, finds its changes merged:
only the newest of a key is kept. Batches leave in the order of their revisions, so that the last revision a
reader has seen is a place to go on from.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Item = TypeVar("Item")

GAP_S = 0.2
URGENT_GAP_S = 0.02


class Reader(Generic[Item]):
    """One reader's changes that wait."""

    def __init__(self, wanted: Callable[[Item], bool]) -> None:
        self.wanted = wanted
        self._waiting: dict[str, tuple[int, Item]] = {}
        self._some = asyncio.Event()
        self._urgent = asyncio.Event()

    def put(self, key: str, revision: int, item: Item, *, urgent: bool) -> None:
        """The newest of a key; `urgent` cuts the pause between two batches short."""
        self._waiting[key] = (revision, item)
        self._some.set()
        if urgent:
            self._urgent.set()

    async def batches(self, gap_s: float = GAP_S) -> AsyncIterator[list[tuple[int, Item]]]:
        """What changed, by growing revision, at most one batch in `gap_s` seconds (20 ms where urgent)."""
        while True:
            await self._some.wait()
            batch = sorted(self._waiting.values(), key=lambda change: change[0])
            self._waiting = {}
            self._some.clear()
            self._urgent.clear()
            yield batch
            await asyncio.sleep(min(URGENT_GAP_S, gap_s))
            try:
                async with asyncio.timeout(max(gap_s - URGENT_GAP_S, 0.0)):
                    await self._urgent.wait()
            except TimeoutError:
                pass


class Feed(Generic[Item]):
    """The readers of one kind of thing. Used on the event loop alone."""

    def __init__(self) -> None:
        self._readers: set[Reader[Item]] = set()

    @property
    def readers(self) -> int:
        """How many read."""
        return len(self._readers)

    @contextmanager
    def reading(self, wanted: Callable[[Item], bool]) -> Iterator[Reader[Item]]:
        """A reader of the things that `wanted` lets through."""
        reader = Reader(wanted)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def publish(self, key: str, revision: int, item: Item, *, urgent: bool = False) -> None:
        """A thing has changed."""
        for reader in self._readers:
            if reader.wanted(item):
                reader.put(key, revision, item, urgent=urgent)
