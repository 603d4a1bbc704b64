"""The clock of a run's own times: what the wall said when the run first asked, and what has passed since.

When somebody sets the time of a host, what a run has told before and what it tells after stay in one order, and the
desk, which corrects all times of a report by one offset, corrects them all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class RunClock:
    """Seconds since the epoch that never jump. Time in which the host is suspended counts where the system tells it.

    wall, passed  the clocks it is made of: seconds since the epoch, and seconds since any moment
    """

    def __init__(self, wall: Callable[[], float] | None = None, passed: Callable[[], float] | None = None) -> None:
        self._wall = wall or time.time
        self._passed = passed or _since_boot
        self._zero: float | None = None

    def __call__(self) -> float:
        """Now."""
        if self._zero is None:
            self._zero = self._wall() - self._passed()
        return self._zero + self._passed()


_BOOT_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def _since_boot() -> float:
    return time.monotonic() if _BOOT_CLOCK is None else time.clock_gettime(_BOOT_CLOCK)
