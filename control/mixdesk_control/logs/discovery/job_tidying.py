"""Logs of jobs that nobody knows any more go, and so do the oldest where all together are too large."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from mixdesk_control.logs.discovery.jobs import JobLogs
from mixdesk_control.threads import in_thread

EVERY_S = 3600.0
MOST_BYTES = 32 << 30
RESTS_S = 600.0  # one that was written since is in use
THREAD = "mixdesk-job-logs"

Known = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of these jobs the desk knows."""

log = logging.getLogger(__name__)


class JobLogTidying:
    """Of the desk's own state folder.

    known       which jobs still have a record: their logs stay
    keep_s      how long the log of a job without a record stays after its last line
    most_bytes  all of them together
    """

    def __init__(
        self,
        logs: JobLogs,
        known: Known,
        *,
        keep_s: float,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._logs, self._known, self._clock = logs, known, clock
        self._keep_s, self._most_bytes = keep_s, most_bytes

    async def run(self) -> None:
        """Tidies now and each hour, until it is cancelled."""
        while True:
            try:
                await self.tidy()
            except Exception:  # the edge of a background task: a disk that fails now may not in an hour
                log.exception("logs of jobs were not tidied; again in %g s", EVERY_S)
            await asyncio.sleep(EVERY_S)

    async def tidy(self) -> int:
        """How many jobs have no log any more."""
        now = self._clock()
        old = await in_thread(partial(self._logs.stale, now - self._keep_s), THREAD)
        known = set(await self._known(old)) if old else set[str]()
        gone = await self._forget([job_id for job_id in old if job_id not in known])
        surplus = await in_thread(partial(self._logs.beyond, self._most_bytes, now - RESTS_S), THREAD)
        if surplus:
            bound = self._most_bytes >> 20
            log.warning("logs of jobs hold more than %d MiB: the oldest %d are removed", bound, len(surplus))
        return gone + await self._forget(surplus)

    async def _forget(self, job_ids: Sequence[str]) -> int:
        return await in_thread(partial(self._logs.forget, job_ids), THREAD)
