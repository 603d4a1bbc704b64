"""One look at all processes of this host for all assets together."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field

from mixdesk_control.assets.runner import tree
from mixdesk_control.assets.runner.tree import Stat

MARK = "MIXDESK_ASSET_RUN"
"""In the environment of an asset's processes: the instance that they are of. Children inherit it, whoever their parent
is by now."""
ENVIRON = 1 << 20

Stats = dict[int, Stat]


@dataclass(frozen=True, slots=True)
class Count:
    """Processes by pid, and who is whose child."""

    stats: Stats = field(default_factory=dict)
    children: tree.Children = field(default_factory=dict)

    @classmethod
    def of(cls, stats: Stats) -> Count:
        """Of these processes."""
        return cls(stats, tree.children_of(stats))

    def with_descendants(self, roots: set[int]) -> set[int]:
        """The roots and all below them."""
        return roots | tree.below(self.children, roots)


@dataclass(slots=True)
class Census:
    """Reads who is of interest again each time, and strangers once.

    A process is born below its parent and can only move up from there, so one that is not below any of the roots never
    will be. One whose parent went before it could be read may be: it is read again. The inode of /proc/PID is another
    one for another process of that pid.
    """

    procfs: str
    _roots: frozenset[int] = frozenset()
    _strangers: dict[int, int] = field(default_factory=dict)

    def read(self, roots: Collection[int], *, whole: bool = False) -> Count:
        """The processes at and below `roots` by pid, perhaps with others; with `whole` all of this host.

        Raises OSError where /proc cannot be read.
        """
        if whole or not self._strangers.keys().isdisjoint(roots):
            self._strangers = {}
        stats, inodes = self._read()
        # Of a look at a few assets the others' stay, else the next look at all would read every process anew.
        self._roots = frozenset(roots).union(pid for pid in self._roots if pid in inodes)
        count = Count.of(stats)
        unplaced = {pid for pid, stat in stats.items() if stat.parent and stat.parent not in inodes}
        kin = count.with_descendants(unplaced.union(self._roots))
        self._strangers = {pid: inode for pid, inode in inodes.items() if pid not in kin}
        return count

    def _read(self) -> tuple[Stats, dict[int, int]]:
        stats: Stats = {}
        inodes: dict[int, int] = {}
        with os.scandir(self.procfs) as entries:
            for entry in entries:
                if not entry.name.isdigit():
                    continue
                pid, inode = int(entry.name), entry.inode()
                if self._strangers.get(pid) != inode:
                    stat = tree.read_stat(self.procfs, pid)
                    if stat is None:
                        continue
                    stats[pid] = stat
                inodes[pid] = inode
        return stats, inodes

    def marked(self, stats: Stats, instance: str) -> set[int]:
        """Which of these have the mark of that run in their environment, as far as this user may read it."""
        mark = f"{MARK}={instance}".encode()
        return {pid for pid in stats if mark in _environ(self.procfs, pid)}


def _environ(procfs: str, pid: int) -> list[bytes]:
    return (tree.read(f"{procfs}/{pid}/environ", ENVIRON) or b"").split(b"\0")
