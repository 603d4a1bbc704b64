"""The files of a source, opened: the live one and its rotated ones."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mixdesk_control.logs.history.unpack import packing
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InFiles

AT_ONCE = 256 << 10  # bytes
MARKS = (b"\xff\xfe", b"\xfe\xff")  # with which UTF-16 begins
EXHAUSTED = (errno.EMFILE, errno.ENFILE)


class NoneLeft(Unreadable):
    """No file can be opened at all for now: it is nothing about this one."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file, open to be read until `close`; renamed, replaced or removed it stays what it was.

    size      bytes when it was opened: a log that grows faster than it is read ends there
    modified  seconds since the epoch
    identity  device and inode
    packed    how it is compressed
    wide      it is UTF-16
    """

    path: str
    fd: int
    size: int
    modified: float
    packed: str | None = None
    wide: bool = False
    identity: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Without its folder."""
        return self.path.rpartition("/")[2]

    def close(self) -> None:
        """Nobody reads it any more."""
        os.close(self.fd)


class Files:
    """Opens the files of a source, each once: one that is rotated meanwhile would come again by its next name.

    without  device and inode of those that are known already
    opened   how many have been
    trouble  why some may not be read
    """

    def __init__(self, origin: InFiles, without: Iterable[tuple[int, int]] = ()) -> None:
        self._origin, self._place, self._seen = origin, origin.place, set(without)
        self.opened = 0
        self.trouble: list[str] = []

    def again(self) -> Files:
        """For a second look that leaves no trace in this one."""
        return Files(self._origin, self._seen)

    def open(self, path: str) -> Part | None:
        """To be closed by who asked; None where it is not there, was opened before, or may not be read."""
        try:
            return self.take(path)
        except Unreadable as error:
            self.trouble.append(str(error))
            return None

    def take(self, path: str) -> Part | None:
        """The same. Raises Unreadable where it may not be read, and NoneLeft."""
        try:
            fd = self._place.open(path)
        except FileNotFoundError:
            return None
        except (Unreadable, OSError) as error:
            raise _refusal(error, path) from error
        part = None
        try:
            part = self._new(path, fd)
        except OSError as error:
            raise _refusal(error, path) from error
        finally:
            if part is None:
                os.close(fd)
        self.opened += part is not None
        return part

    def _new(self, path: str, fd: int) -> Part | None:
        found = os.fstat(fd)
        identity = (found.st_dev, found.st_ino)
        if identity in self._seen:
            return None
        self._seen.add(identity)
        wide = os.pread(fd, 2, 0) in MARKS
        return Part(path, fd, found.st_size, found.st_mtime, None if wide else packing(fd), wide, identity)


def _refusal(error: Exception, path: str) -> Unreadable:
    cause = error.__cause__ if isinstance(error, Unreadable) else error
    if isinstance(cause, OSError) and cause.errno in EXHAUSTED:
        return NoneLeft(f"{path}: {cause.strerror}; the desk or the host has no file descriptors left")
    return error if isinstance(error, Unreadable) else Unreadable(f"{path}: {reason(error)}")


def reason(error: Exception) -> str:
    """Why, in the words of the system where there are any."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def paths(origin: InFiles, *, live: bool = True) -> list[str]:
    """Of its files, newest first."""
    return [*([origin.path] if live else []), *(older.path for older in origin.rotated)]


def read(fd: int, start: int, end: int, at_once: int = AT_ONCE) -> Iterator[bytes]:
    """What lies between two offsets, without holes; less where the file was cut meanwhile."""
    while (start := data_from(fd, start, end)) < end:
        piece = os.pread(fd, min(at_once, end - start), start)
        if not piece:
            return
        start += len(piece)
        yield piece


def data_from(fd: int, start: int, end: int) -> int:
    """Where the first data at or after an offset are."""
    try:
        return os.lseek(fd, start, os.SEEK_DATA)
    except OSError as error:
        return end if error.errno == errno.ENXIO else start  # no more data; or this file system does not tell
