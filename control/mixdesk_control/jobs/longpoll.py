"""Trainers that wait for a wish: woken when one of their jobs changes, never looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Waiters:
    """Events by job id. Used on the event loop alone."""

    def __init__(self) -> None:
        self._events: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    @property
    def count(self) -> int:
        """How many wait, a waiter for two jobs counted twice."""
        return sum(map(len, self._events.values()))

    @contextmanager
    def waiting(self, job_ids: Iterable[str]) -> Iterator[asyncio.Event]:
        """An event that is set when one of these jobs changes, or the desk stops."""
        event, ids = asyncio.Event(), list(job_ids)
        for job_id in ids:
            self._events.setdefault(job_id, set()).add(event)
        if self.closed:
            event.set()
        try:
            yield event
        finally:
            for job_id in ids:
                self._forget(job_id, event)

    def _forget(self, job_id: str, event: asyncio.Event) -> None:
        events = self._events.get(job_id)
        if events is None:
            return
        events.discard(event)
        if not events:
            del self._events[job_id]

    def wake(self, job_id: str) -> None:
        """A job has changed."""
        for event in self._events.get(job_id, ()):
            event.set()

    def close(self) -> None:
        """The desk stops: everybody is answered."""
        self.closed = True
        for events in self._events.values():
            for event in events:
                event.set()
