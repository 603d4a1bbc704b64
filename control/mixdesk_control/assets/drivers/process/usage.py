"""What the processes of an asset use."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from mixdesk_control.assets.asset import Process, Usage
from mixdesk_control.assets.runner import tree
from mixdesk_control.assets.runner.tree import Stat

TICKS = os.sysconf("SC_CLK_TCK")
STATUS = 8192
KIB = 1024
RSS = re.compile(rb"\n(RssAnon|RssShmem):[ \t]+([0-9]+)")  # of fifty lines: taken apart, they cost ten times as much


@dataclass(frozen=True, slots=True)
class _Reading:
    """Of one asset: its processes, and the bytes that each has, its own and shared."""

    at: float
    stats: Mapping[Process, Stat]
    memory: Mapping[Process, tuple[int, int]]


@dataclass(slots=True)
class Meter:
    """Memory: what is the processes' own (RssAnon), summed, and once the largest of their shared segments (RssShmem),
    for those of one program map the same. Forked processes that share pages count them twice; exact shares (PSS) cost
    milliseconds for each large process.

    CPU: of processes that are there at a reading; what one used that ended since the reading before is not in it.
    """

    procfs: str
    monotonic: Callable[[], float] = time.monotonic
    _before: dict[str, _Reading] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, members: Mapping[str, frozenset[Process]]) -> dict[str, Usage]:
        """By asset id; those without processes are left out."""
        with self._lock:
            found = {asset_id: self._one(asset_id, processes) for asset_id, processes in members.items() if processes}
            self._before = {asset_id: before for asset_id, before in self._before.items() if asset_id in found}
        return {asset_id: usage for asset_id, usage in found.items() if usage is not None}

    def _one(self, asset_id: str, processes: frozenset[Process]) -> Usage | None:
        before, now = self._before.get(asset_id), self._read(processes, self._before.get(asset_id))
        self._before[asset_id] = now
        if not now.stats:
            return None
        return Usage(memory=_sum(now.memory.values()), cpu_ratio=None if before is None else _ratio(before, now))

    def _read(self, processes: frozenset[Process], before: _Reading | None) -> _Reading:
        at, stats = self.monotonic(), self._stats(processes)
        found = {process: self._memory(stat, before) for process, stat in stats.items()}
        return _Reading(at, stats, {process: memory for process, memory in found.items() if memory is not None})

    def _stats(self, processes: frozenset[Process]) -> dict[Process, Stat]:
        stats = (tree.read_stat(self.procfs, pid) for pid, _ in processes)
        return {stat.identity: stat for stat in stats if stat is not None and stat.identity in processes}

    def _memory(self, stat: Stat, before: _Reading | None) -> tuple[int, int] | None:
        """Read anew where the process has done anything: `status` costs the kernel most of all."""
        if before is not None and stat.identity in before.memory and _is_idle(before.stats[stat.identity], stat):
            return before.memory[stat.identity]
        return memory_in(tree.read(f"{self.procfs}/{stat.pid}/status", STATUS) or b"")


def _is_idle(before: Stat, now: Stat) -> bool:
    return (before.cpu, before.pages) == (now.cpu, now.pages)


def _sum(found: Collection[tuple[int, int]]) -> int | None:
    return sum(own for own, _ in found) + max(shared for _, shared in found) if found else None


def _ratio(before: _Reading, now: _Reading) -> float | None:
    passed = now.at - before.at
    used = sum(max(0, stat.cpu - _ticks(before, process)) for process, stat in now.stats.items())
    return used / TICKS / passed if passed > 0 else None


def _ticks(reading: _Reading, process: Process) -> int:
    stat = reading.stats.get(process)
    return 0 if stat is None else stat.cpu


def memory_in(status: bytes) -> tuple[int, int] | None:
    """Bytes of its own and bytes shared, from /proc/PID/status; None of one that has no memory any more. Pure."""
    found = {name: int(kib) * KIB for name, kib in RSS.findall(status)}
    return None if b"RssAnon" not in found else (found[b"RssAnon"], found.get(b"RssShmem", 0))
