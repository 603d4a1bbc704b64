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


@dataclass(frozen=True, slots=True)
class Part:
    """One file, open to be read until `close`; renamed, replaced or removed it stays what it was.

    size      bytes when it was opened: a log that grows faster than it is read ends there
    modified  seconds since the epoch
    packed    how it is compressed
    wide      it is UTF-16
    """

    path: str
    fd: int
    size: int
    modified: float
    packed: str | None = None
    wide: bool = False

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
        self._place, self._seen = origin.place, set(without)
        self.opened = 0
        self.trouble: list[str] = []

    def open(self, path: str) -> Part | None:
        """To be closed by who asked; None where it is not there, was opened before, or may not be read."""
        try:
            fd = self._place.open(path)
        except FileNotFoundError:
            return None
        except (Unreadable, OSError) as error:
            self.trouble.append(str(error))
            return None
        try:
            part = self._new(path, fd)
        except OSError as error:
            self.trouble.append(f"{path}: {error.strerror}")
            part = None
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
        return Part(path, fd, found.st_size, found.st_mtime, None if wide else packing(fd), wide)


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
