"""Lists that grow over a run, as reports carry them: what no desk has acknowledged, and the newest few. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

NEWEST = 5
OLDEST = 20  # of the unacknowledged ones at a time, so that a report stays small however long a desk was away
OLDEST_KEPT = 200  # in the spool, whose last line must tell all


class Outbox(Generic[T]):
    """Items by path; one of a path that is there already takes its place."""

    def __init__(self, path: Callable[[T], str]) -> None:
        self._path = path
        self._items: dict[str, T] = {}
        self._unacked: set[str] = set()

    def __iter__(self) -> Iterator[T]:
        return iter(list(self._items.values()))

    def add(self, item: T) -> None:
        """A new one, the newest."""
        path = self._path(item)
        self._items.pop(path, None)
        self._items[path] = item
        self._unacked.add(path)

    def find(self, path: str) -> T | None:
        """The one of this path."""
        return self._items.get(path)

    def merge(self, items: Iterable[T]) -> None:
        """What another process of the job reported: whether a desk has heard of it is not known here."""
        for item in items:
            self.add(item)

    def remove(self, path: str) -> None:
        """It is gone: no desk need hear of it."""
        self._items.pop(path, None)
        self._unacked.discard(path)

    @property
    def waiting(self) -> bool:
        """True where there is something that no desk has acknowledged."""
        return bool(self._unacked)

    def shown(self, most: int = OLDEST) -> list[T]:
        """What the next report carries, oldest first: `most` of what is not acknowledged, and the newest few."""
        items = list(self._items.items())
        waiting = [path for path, _ in items if path in self._unacked]
        shown = {*waiting[:most], *(path for path, _ in items[-NEWEST:])}
        return [item for path, item in items if path in shown]

    def acknowledge(self, items: Iterable[T]) -> None:
        """A desk has stored these."""
        self._unacked.difference_update([self._path(item) for item in items])
