"""Whether the kernel killed a process of ours for want of memory: counters that only grow tell it."""

from __future__ import annotations

import time
from collections.abc import Callable

from mixdesk_control.assets.runner.tree import read

EVERY_S = 30.0


class Ooms:
    """Compares the count of such kills with that of up to half a minute before.

    The count is that of the control group, or where there is none of its own, of the whole host: then somebody else's
    end in that time is taken for it; reading the count costs a millisecond.
    """

    def __init__(self, procfs: str, sysfs: str = "/sys", monotonic: Callable[[], float] = time.monotonic) -> None:
        self._procfs, self._sysfs = procfs, sysfs
        self._monotonic = monotonic
        self._at, self._count = monotonic(), self._read()

    def look(self) -> None:
        """Notes the count, now and then."""
        if self._monotonic() - self._at >= EVERY_S:
            self._at, self._count = self._monotonic(), self._read()

    def grew(self) -> bool:
        """Whether there were any since the last look."""
        return self._read() > self._count

    def _read(self) -> int:
        groups = (read(f"{self._procfs}/self/cgroup", 4096) or b"").decode("utf-8", "replace").splitlines()
        own = next((line[3:] for line in groups if line.startswith("0::")), "/")
        events = read(f"{self._sysfs}/fs/cgroup{own}/memory.events", 4096)
        return _count(events or read(f"{self._procfs}/vmstat", 1 << 16) or b"")


def _count(content: bytes) -> int:
    found = (line.split() for line in content.splitlines() if line.startswith(b"oom_kill "))
    return next((int(words[1]) for words in found if words[1:] and words[1].isdigit()), 0)
