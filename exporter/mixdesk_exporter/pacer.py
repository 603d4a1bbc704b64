"""Keeps a sampler sampling from an event loop.

No thread of its own: to wake one up costs more than to read a file of /proc. A scrape that has sampled moves the next
sample, so that a host that is scraped once a second wakes up once a second.
"""

from __future__ import annotations

import asyncio

from mixdesk_exporter.sampler import Sampler


class Pacer:
    """From `start` to `close`, on one event loop."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._elsewhere: asyncio.Future[None] | None = None

    def start(self) -> None:
        """The first sample is due now."""
        self._loop = asyncio.get_running_loop()
        self.move()

    def move(self) -> None:
        """Somebody has sampled or read: the next sample is due later, or sooner."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is not None and self._elsewhere is None:
            self._timer = self._loop.call_later(max(self._sampler.next_s(), 0.0), self._due)

    def _due(self) -> None:
        try:
            if self._sampler.next_s() <= 0.0:
                self._sample()
        finally:
            self.move()

    def _sample(self) -> None:
        """Here where that is quick; a source that takes its time takes it on another thread."""
        if self._sampler.is_quick:
            self._sampler.sample()
            return
        assert self._loop is not None
        self._elsewhere = self._loop.run_in_executor(None, self._sampler.sample)
        self._elsewhere.add_done_callback(self._sampled)

    def _sampled(self, done: asyncio.Future[None]) -> None:
        self._elsewhere = None
        self.move()
        if not done.cancelled():
            done.result()

    def close(self) -> None:
        """No further sample."""
        self._loop = None
        self.move()
