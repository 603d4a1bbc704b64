"""Whether the desk keeps up: it says so to trainers before it falls behind with people.

Reports are asked for less often as jobs grow, and refused with 429 while the event loop or the disk lags; requests
of people are never refused for load.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mixdesk_control.web.problems import Problem

REPORTS_PER_S = 1000.0
BASE_PACE_S = 1.0
TICK_S = 0.1
REPORTS_A_LEASE = 5
PACE_EVERY = 10  # ticks: counting the jobs takes longer the more there are
MAX_LAG_S = 1.0
MAX_BACKLOG = 2000
MAX_UNFLUSHED_S = 5.0
RETRY_AFTER_S = 2


class LoadMeter:
    """Measures how late the loop is and how long telemetry has waited for the disk."""

    def __init__(
        self,
        *,
        live: Callable[[], int],
        backlog: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live = live
        self._backlog = backlog
        self._monotonic = monotonic
        self.live = 0  # jobs that have not ended, counted once a second
        self.lag_s = 0.0
        self.shed_at: float | None = None
        self.flushing_since: float | None = None
        self.refused = 0
        self.report_in_s = BASE_PACE_S

    def pace(self) -> None:
        """Sets how often a trainer should report: once a second, less often from 1,000 jobs on."""
        self.live = self._live()
        self.report_in_s = max(BASE_PACE_S, self.live / REPORTS_PER_S)

    def lease(self, lease_s: float) -> float:
        """The lease that trainers are told and judged by: the set one, unless reports are asked for less often.

        Then it is at least five reports at that pace.
        """
        return max(lease_s, REPORTS_A_LEASE * self.report_in_s) if self.report_in_s > BASE_PACE_S else lease_s

    @property
    def overloaded(self) -> str | None:
        """What is behind, or None."""
        if self.lag_s > MAX_LAG_S:
            return f"its event loop is {self.lag_s:.1f} s late"
        if self._backlog() > MAX_BACKLOG:
            return f"{self._backlog()} writes wait for its disk"
        waited = 0.0 if self.flushing_since is None else self._monotonic() - self.flushing_since
        return f"its disk has taken nothing for {waited:.0f} s" if waited > MAX_UNFLUSHED_S else None

    def refuse_if_overloaded(self) -> None:
        """Raises Problem 429 where taking one more report would make it worse."""
        reason = self.overloaded
        if reason is None:
            return
        self.refused += 1
        self.shed_at = self._monotonic()
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise Problem(429, f"the desk is overloaded, {reason}: report again in {RETRY_AFTER_S} s", headers=headers)

    @contextmanager
    def flushing(self) -> Iterator[None]:
        """Around a flush: one that fails counts as not over until one succeeds."""
        if self.flushing_since is None:
            self.flushing_since = self._monotonic()
        yield
        self.flushing_since = None

    async def run(self) -> None:
        """Measures until it is cancelled."""
        for tick in itertools.count():
            if tick % PACE_EVERY == 0:
                self.pace()
            before = time.monotonic()
            await asyncio.sleep(TICK_S)
            late = max(time.monotonic() - before - TICK_S, 0.0)
            # Quick to notice, a second or two to forgive.
            self.lag_s = late if late > self.lag_s else 0.9 * self.lag_s + 0.1 * late
