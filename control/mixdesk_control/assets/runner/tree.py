"""The processes of this host, who descends from whom, and signals that reach the one that is meant.

A process is its pid and its start in clock ticks from boot: a pid alone may be another's by now.
"""
# Read by the runner, which does without pathlib.
# ruff: noqa: PTH208

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping

Children = dict[int, list[int]]

TO_GROUP = 1 << 2
"""PIDFD_SIGNAL_PROCESS_GROUP of pidfd_send_signal(2), since Linux 6.9."""


class Stat:
    """What /proc/PID/stat says of one process; `cpu` in clock ticks, user and system.

    `pages` tells by its equality that no memory has come or gone: page faults and resident pages, as they stand there.
    `stack` tells by its equality that it is the same program still: where its stack begins; 0 for who may not know.
    """

    __slots__ = ("cpu", "name", "pages", "parent", "pid", "stack", "start", "state", "threads")

    def __init__(self, pid: int, name: bytes, fields: list[bytes]) -> None:
        self.pid = pid
        self.name = name
        self.state = fields[0]
        self.parent = int(fields[1])
        self.cpu = int(fields[11]) + int(fields[12])
        self.threads = int(fields[17])
        self.start = int(fields[19])
        self.pages = (*fields[7:10:2], *fields[21:22])
        self.stack = b"".join(fields[25:26])

    @property
    def is_dead(self) -> bool:
        """Only its exit status is left. One whose first thread alone has ended says Z too, and lives."""
        return self.state in b"ZX" and self.threads <= 1

    @property
    def identity(self) -> tuple[int, int]:
        """Its pid and its start."""
        return self.pid, self.start


def parse(content: bytes) -> Stat | None:
    """None for anything else than the line of a process. Its name stands in brackets and may hold anything."""
    head, _, rest = content.rpartition(b") ")
    pid, _, name = head.partition(b" (")
    try:
        return Stat(int(pid), name, rest.split(b" ", 26))
    except (ValueError, IndexError):
        return None


def read_stat(procfs: str, pid: int | str) -> Stat | None:
    """None where it is gone."""
    content = read(f"{procfs}/{pid}/stat", 1024)
    return None if content is None else parse(content)


def read(path: str, most: int) -> bytes | None:
    """The first bytes of a file of /proc; None where it is gone, or not for us."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(fd, most)
    except OSError:
        return None
    finally:
        os.close(fd)


def user_of(procfs: str, pid: int) -> int | None:
    """The user who started it, as a number, whatever rights the program has since taken; None where it is gone."""
    status = read(f"{procfs}/{pid}/status", 4096) or b""
    words = status.partition(b"\nUid:")[2].split(maxsplit=1)
    return int(words[0]) if words and words[0].isdigit() else None


def scan(procfs: str) -> dict[int, Stat]:
    """All processes, by pid."""
    found = (read_stat(procfs, name) for name in os.listdir(procfs) if name.isdigit())
    return {stat.pid: stat for stat in found if stat is not None}


def descendants(stats: Mapping[int, Stat], roots: Iterable[int]) -> set[int]:
    """Children and theirs, without the roots themselves. Pure."""
    return below(children_of(stats), roots)


def children_of(stats: Mapping[int, Stat]) -> Children:
    """Whose parent each pid is. Pure."""
    children: Children = {}
    for stat in stats.values():
        children.setdefault(stat.parent, []).append(stat.pid)
    return children


def below(children: Children, roots: Iterable[int]) -> set[int]:
    """The descendants, where the children are known. Pure."""
    tops = set(roots)
    seen = set(tops)
    left = list(tops)
    while left:
        born = [pid for pid in children.get(left.pop(), ()) if pid not in seen]
        seen.update(born)  # what is read while processes come and go may hold a circle
        left += born
    return seen - tops


def send(procfs: str, process: tuple[int, int], number: int) -> bool:
    """Whether it was there to be signalled. Raises PermissionError."""
    pid, start = process
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        # Read after the descriptor was opened: from here on it is this process or nobody.
        stat = read_stat(procfs, pid)
        if stat is None or stat.start != start or stat.is_dead:
            return False
        signal.pidfd_send_signal(fd, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)
    return True


def send_group(leader: int, number: int) -> None:
    """To the process group whose leader this pidfd is of, be it dead already: at once, so that no fork slips through.

    Where the kernel is too old for that, nothing happens.
    """
    try:
        signal.pidfd_send_signal(leader, number, None, TO_GROUP)
    except OSError:
        pass  # EINVAL: an older kernel; ESRCH: nobody is left in it


def boot_id(procfs: str) -> str:
    """Another text after every boot; empty where it cannot be told."""
    return (read(f"{procfs}/sys/kernel/random/boot_id", 64) or b"").decode().strip()
