"""A running container's files as it sees them itself, through one of its processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mixdesk_control.logs import directories
from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places import regular
from mixdesk_control.logs.places.beneath import open_below, real, shown
from mixdesk_control.logs.places.listing import entries

PROC = Path("/proc")
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC


def started(pid: int, procfs: Path = PROC) -> int | None:
    """When a process began, in ticks since boot; None where there is none, or it has ended."""
    try:
        return _ticks((procfs / str(pid) / "stat").read_bytes())
    except OSError:
        return None


def belongs(pid: int, container: str, procfs: Path = PROC) -> bool:
    """Whether the process is one of that container: its id is in its control groups, or in its mounts."""
    for name in ("cgroup", "mountinfo"):
        try:
            if container.encode() in (procfs / str(pid) / name).read_bytes():
                return True
        except OSError:
            continue
    return False


def _ticks(stat: bytes) -> int | None:
    after_name = stat.rpartition(b")")[2].split()  # the name may have spaces and brackets
    return None if len(after_name) < 20 or after_name[0] in (b"Z", b"X") else int(after_name[19])


@dataclass(frozen=True, slots=True)
class RootPlace:
    """`/proc/PID/root`. Needs the rights to trace the process, and in a container `pid: host` to see it.

    started_ticks  the process's start: a later one of the same number is another
    openat2        whether the kernel resolves paths; default where it can
    """

    pid: int
    started_ticks: int
    procfs: Path = PROC
    openat2: bool | None = None

    @property
    def shown(self) -> str:
        """For people."""
        return f"root of process {self.pid}"

    @property
    def can_follow(self) -> bool:
        """They lie here."""
        return True

    def covers(self, path: str) -> bool:
        """Every path."""
        return True

    def closed(self) -> str | None:
        """Why nothing can be read here; None where it can."""
        try:
            with self.root():
                return None
        except Unreadable as error:
            return str(error)

    def scan(self, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        """What is in a folder; of the files those whose names are wanted. Raises Unreadable."""
        with self.root() as root:
            return self.scan_below(root, folder, wanted)

    def scan_below(self, root: int, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        """The same, of a root that is open already."""
        try:
            descriptor = regular.reopened(self._below(root, folder), folder, folder=True)
        except FileNotFoundError:
            return []
        return entries(descriptor, partial(self._entry, root, folder), wanted)

    def _entry(self, root: int, folder: str, name: str) -> int:
        return self._below(root, f"{folder}/{name}")

    def open(self, path: str) -> int:
        """A file descriptor to read a regular file. Raises Unreadable, FileNotFoundError."""
        with self.root() as root:
            return regular.reopened(self._below(root, path), path)

    def open_folder(self, path: str) -> int:
        """An O_PATH descriptor of a folder. Raises Unreadable, FileNotFoundError."""
        with self.root() as root:
            found = self._below(root, path)
        try:
            regular.check(found, path, folder=True)
        except BaseException:
            os.close(found)
            raise
        return found

    def on_host(self, path: str) -> str | None:
        """None: the number of the process is another one after each start."""
        return None

    def _below(self, root: int, path: str) -> int:
        found = open_below(root, path, is_root=True, openat2=self.openat2)
        where = real(found)
        if directories.forbidden(where):
            os.close(found)
            raise Unreadable(f"{shown(path)} leads to {shown(where)}, where no logs are")
        return found

    @contextmanager
    def root(self) -> Iterator[int]:
        """Its root, once it is known to be the very process: its folder in /proc is of no other one."""
        try:
            process = os.open(self.procfs / str(self.pid), _FOLDER)
        except FileNotFoundError as error:
            raise Unreadable(self._unseen()) from error
        try:
            yield from self._root_of(process)
        finally:
            os.close(process)

    def _root_of(self, process: int) -> Iterator[int]:
        self._verify(process)
        try:
            root = os.open("root", _FOLDER, dir_fd=process)
        except PermissionError as error:
            raise Unreadable(
                f"process {self.pid} may not be looked into; run the desk as root (CAP_SYS_PTRACE), or mount the folder"
            ) from error
        except OSError as error:
            raise Unreadable(self._unseen()) from error
        try:
            yield root
        finally:
            os.close(root)

    def _verify(self, process: int) -> None:
        try:
            descriptor = os.open("stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=process)
            with os.fdopen(descriptor, "rb") as file:
                ticks = _ticks(file.read())
        except (FileNotFoundError, ProcessLookupError) as error:
            raise Unreadable(self._unseen()) from error
        if ticks != self.started_ticks:
            raise Unreadable(f"process {self.pid} has ended: the container was stopped, or started anew")

    def _unseen(self) -> str:
        return f"process {self.pid} is not seen here: it has ended, or the desk runs in a container without `pid: host`"
