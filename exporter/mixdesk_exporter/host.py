"""How the files of a host are read: roots that may be elsewhere, files that stay open, one read for all who ask."""

from __future__ import annotations

import errno
import os
import select
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_exporter.errors import Absent

FIRST_GUESS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Roots:
    """Where the host's file systems are: elsewhere than at / for an exporter in a container."""

    procfs: Path = Path("/proc")
    sysfs: Path = Path("/sys")
    rootfs: Path = Path("/")


@dataclass(slots=True)
class KeptFile:
    """A file of /proc that stays open: each `read` begins anew, and the kernel makes the content anew."""

    path: Path
    _fd: int | None = None
    _size: int = FIRST_GUESS
    _watch: select.poll | None = None

    def read(self) -> bytes:
        """The whole file as it is now. Raises OSError."""
        if self._fd is None:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return self._whole(self._fd)
        except OSError:
            self.close()
            raise

    def may_have_changed(self) -> bool:
        """Whether the kernel has announced a change since the last call, as it does for mounts (proc_pid_mountinfo(5)).

        Always true of a file that is not the kernel's own.
        """
        if self._fd is None:
            return True
        if self._watch is None:
            if os.fstat(self._fd).st_size:
                return True  # a file of /proc has no size
            self._watch = select.poll()
            self._watch.register(self._fd, select.POLLPRI | select.POLLERR)
            self._watch.poll(0)
            return True
        return bool(self._watch.poll(0))

    def _whole(self, fd: int) -> bytes:
        content = os.pread(fd, self._size, 0)
        while len(content) == self._size:  # a file in two reads would be of two moments
            self._size *= 2
            content = os.pread(fd, self._size, 0)
        # Of a file that is made line by line, as that of the interfaces, one read gives a page of it at most.
        while more := os.pread(fd, self._size, len(content)):
            content += more
        return content

    def close(self) -> None:
        """Let go of it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = self._watch = None


@dataclass(slots=True)
class Host:
    """The files of one host. What two collectors read in one round is read once, until `new_round`.

    `proc` and `of_init` are for the thread of the rounds alone; `sys` is for any.
    """

    roots: Roots = field(default_factory=Roots)
    _kept: dict[str, KeptFile] = field(default_factory=dict)
    _read: dict[str, bytes] = field(default_factory=dict)
    _own: dict[str, str] = field(default_factory=dict)

    def proc(self, name: str) -> bytes:
        """A file below procfs. Raises Absent where this kernel has none, OSError where it cannot be read."""
        content = self._read.get(name)
        if content is None:
            content = self._read[name] = self._fresh(name)
        return content

    def new_round(self) -> None:
        """What was read so far is of the past."""
        self._read.clear()

    def _fresh(self, name: str) -> bytes:
        kept = self._kept.get(name)
        if kept is None:
            kept = self._kept[name] = KeptFile(self.roots.procfs / name)
        try:
            return kept.read()
        except OSError as error:
            raise _absent_or(error, kept.path) from error

    def of_init(self, name: str) -> bytes:
        """A file of the host's first process, for its mounts and network are the host's; else of our own.

        Under hidepid no foreign process is seen; then our own view is all there is.
        """
        known = self._own.get(name)
        if known is not None:
            return self.proc(known)
        try:
            content = self.proc(f"1/{name}")
            self._own[name] = f"1/{name}"
        except (Absent, OSError) as first:
            try:
                content = self.proc(f"self/{name}")
            except Absent:
                raise first from None
            self._own[name] = f"self/{name}"
        return content

    def init_may_have_changed(self, name: str) -> bool:
        """Whether `of_init` may give something new for a file whose changes the kernel announces."""
        known = self._own.get(name)
        kept = None if known is None else self._kept.get(known)
        return kept is None or kept.may_have_changed()

    def sys(self, name: str) -> str:
        """A small file below sysfs, stripped; '' where there is none or it cannot be read now."""
        try:
            fd = os.open(f"{self.roots.sysfs}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ""
        try:
            return os.read(fd, 4096).decode("utf-8", "replace").strip()
        except OSError:  # a device that is down may refuse
            return ""
        finally:
            os.close(fd)

    def close(self) -> None:
        """Let go of all files."""
        for kept in self._kept.values():
            kept.close()
        self._kept.clear()


def whole_file(path: str) -> bytes:
    """A file of the kernel's that is read once in a while. Raises Absent where there is none, OSError."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _absent_or(error, Path(path)) from error
    try:
        content = os.read(fd, FIRST_GUESS)
        while more := os.read(fd, FIRST_GUESS) if content else b"":
            content += more
        return content
    finally:
        os.close(fd)


def _absent_or(error: OSError, path: Path) -> Exception:
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EOPNOTSUPP):
        return Absent(f"{path}: there is none on this kernel")
    return error
