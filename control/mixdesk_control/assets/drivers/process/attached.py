"""A process that others start, found by its name or by the file that holds its pid."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_control.assets.asset import RUNNING, Process
from mixdesk_control.assets.drivers.process.census import Count
from mixdesk_control.assets.drivers.process.sight import Sight, living, unseen
from mixdesk_control.assets.runner import tree
from mixdesk_control.assets.runner.tree import Stat

TICKS = os.sysconf("SC_CLK_TCK")
SLACK_S = 2.0
LONGEST_PID = 64
COMMAND = 4096
ROOT = 0
KERNEL = 2  # the parent of its threads, which never have a command line


@dataclass(frozen=True, slots=True)
class PidFile:
    """What it holds: a pid, or why there is none to be had, or neither where there is no such file.

    owners   who may put another pid into it: whose the file is, and whose the link to it
    written  when, in seconds since the epoch
    """

    pid: int | None = None
    fault: str | None = None
    owners: frozenset[int] = frozenset()
    written: float = 0.0


@dataclass(slots=True)
class Attached:
    """Finds them.

    boottime  counts seconds from boot, as the kernel does for the starts of processes
    user      who the desk runs as
    """

    procfs: str
    clock: Callable[[], float] = time.time
    boottime: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    user: Callable[[], int] = os.geteuid
    _programs: dict[tuple[Process, bytes, bytes], str] = field(default_factory=dict)

    def by_name(self, count: Count, name: str) -> Sight:
        """The one of that name; others of that name below it are its own. `count` has all processes.

        Anybody can give a process any name, so another user's counts for a desk of root alone.
        """
        called = (pid for pid, stat in count.stats.items() if not stat.is_dead and self._is_called(stat, name))
        named = {pid for pid in called if self.user() in (ROOT, tree.user_of(self.procfs, pid))}
        tops = {pid for pid in named if not named.intersection(_above(count.stats, pid))} - {os.getpid()}
        if len(tops) > 1:
            pids = ", ".join(map(str, sorted(tops)[:5]))
            return unseen(f"{len(tops)} processes are called {name} (pid {pids}): give a pid_file")
        return self._sight(count, tops.pop()) if tops else Sight()

    def by_pid(self, count: Count, path: Path, file: PidFile) -> Sight:
        """The one that the file means. One that started after it was written has only the same number."""
        stat = None if file.pid is None else count.stats.get(file.pid)
        if stat is None or stat.is_dead:
            return Sight()
        if self._started_at(stat) > file.written + SLACK_S:
            return Sight(reason=f"{path} is older than the process {stat.pid}, which is another one")
        for owner in file.owners - {ROOT, self.user(), tree.user_of(self.procfs, stat.pid)}:
            return unseen(f"{path} belongs to user {owner}, and the process {stat.pid} that it names does not")
        return self._sight(count, stat.pid)

    def forget(self, stats: Mapping[int, Stat]) -> None:
        """What it knows of processes that are gone."""
        self._programs = {
            key: found for key, found in self._programs.items() if (stat := stats.get(key[0][0])) and _key(stat) == key
        }

    def _is_called(self, stat: Stat, name: str) -> bool:
        if stat.name == os.fsencode(name):
            return True
        key = _key(stat)
        program = self._programs.get(key)
        if program is None:
            program = _program(self.procfs, stat.pid)
            if program or stat.parent == KERNEL:  # one that has just taken a process over has no command line yet
                self._programs[key] = program
        return program == name

    def _started_at(self, stat: Stat) -> float:
        return self.clock() - (self.boottime() - stat.start / TICKS)

    def _sight(self, count: Count, pid: int) -> Sight:
        stat = count.stats[pid]
        members = living(count.stats, count.with_descendants({pid}))
        instance = f"{stat.pid}-{stat.start}"
        started_at = round(self._started_at(stat), 1)
        return Sight(members, main=stat.identity, instance=instance, started_at=started_at, doing=RUNNING)


def _above(stats: Mapping[int, Stat], pid: int) -> Iterator[int]:
    """Its parent, and so on; a circle, read while processes came and went, is gone round once."""
    seen = {pid}
    while (stat := stats.get(pid)) is not None and stat.parent not in seen:
        pid = stat.parent
        seen.add(pid)
        yield pid


def _key(stat: Stat) -> tuple[Process, bytes, bytes]:
    """A program that takes a process over brings another name, or at least a stack at another place."""
    return stat.identity, stat.name, stat.stack


def _program(procfs: str, pid: int) -> str:
    first = (tree.read(f"{procfs}/{pid}/cmdline", COMMAND) or b"").partition(b"\0")[0]
    return os.fsdecode(first.rpartition(b"/")[2])


def pid_file(path: Path) -> PidFile:
    """As it is now. Never raises."""
    try:
        content, stat, link = _read(path)
    except FileNotFoundError:
        return PidFile()
    except OSError as error:
        return PidFile(fault=f"{path} cannot be read: {error.strerror}")
    word = content.split(maxsplit=1)[:1]
    if not word or not word[0].isdigit() or not 0 < int(word[0]) < 1 << 31:
        return PidFile(fault=f"{path} holds no pid")
    return PidFile(int(word[0]), None, frozenset((stat.st_uid, link.st_uid)), stat.st_mtime)


def _read(path: Path) -> tuple[bytes, os.stat_result, os.stat_result]:
    """What it holds, whose it is, and whose the link to it."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(fd, LONGEST_PID), os.fstat(fd), path.lstat()
    finally:
        os.close(fd)
