"""The older files of a source, opened: which of them holds what has been read, and which has never been read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from mixdesk_control.logs.follow.cursor import HEAD, Cursor

AT_ONCE = 1 << 20
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)  # what reading a compressed file can raise
MOST_KNOWN = 256


class Older:
    """One of them. Owns the descriptor.

    packed  how it is compressed; None where it is not
    """

    def __init__(self, fd: int, packed: str | None = None) -> None:
        seen = os.fstat(fd)
        self.identity, self.is_packed = (seen.st_dev, seen.st_ino), packed is not None
        self._file = _opened(fd, packed)
        self.head = self._read(HEAD)

    def holds(self, cursor: Cursor) -> bool:
        """Whether it begins with all that has been read there; then it is right behind that."""
        if not self.head.startswith(cursor.head):
            return False
        at = cursor.offset - len(cursor.before)
        return self._goes_to(at) and self._read(len(cursor.before)) == cursor.before

    def begins(self, cursor: Cursor) -> bool:
        """Whether it is a copy that was made before all of that had been written."""
        return bool(self.head) and (self.head.startswith(cursor.head) or cursor.head.startswith(self.head))

    def rewind(self) -> None:
        """To its beginning."""
        self._file.seek(0)

    def read(self, limit: int = AT_ONCE) -> bytes:
        """What comes next; empty at its end, and where it is broken."""
        return self._read(limit)

    def close(self) -> None:
        """Lets go of the file."""
        with suppress(*BROKEN):
            self._file.close()

    def _read(self, limit: int) -> bytes:
        try:
            return self._file.read(limit) or b""
        except BROKEN:
            return b""

    def _goes_to(self, offset: int) -> bool:
        try:
            self._file.seek(offset)
        except BROKEN:
            return False
        return True


class Known:
    """The beginnings of files that have been read, or lay there before: a file keeps it when it is renamed, copied or
    compressed."""

    def __init__(self, heads: Iterable[bytes] = ()) -> None:
        self._heads: dict[bytes, None] = {}
        for head in heads:
            self.add(head)

    def add(self, head: bytes) -> None:
        """One more; the oldest one is forgotten where there are too many."""
        if head:
            self._heads.pop(head, None)
            self._heads[head] = None
        if len(self._heads) > MOST_KNOWN:
            del self._heads[next(iter(self._heads))]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._heads)

    def __contains__(self, head: bytes) -> bool:
        return bool(head) and any(known.startswith(head) or head.startswith(known) for known in self._heads)


def _opened(fd: int, packed: str | None) -> BinaryIO:
    raw = os.fdopen(fd, "rb", buffering=0)
    if packed == "gz":
        return cast(BinaryIO, _Owning(gzip.GzipFile(fileobj=raw), raw))
    if packed == "bz2":
        return cast(BinaryIO, _Owning(bz2.BZ2File(raw), raw))
    if packed == "xz":
        return cast(BinaryIO, _Owning(lzma.LZMAFile(raw), raw))
    return cast(BinaryIO, raw)


class _Owning:
    """A compressed file that closes the one below it too."""

    def __init__(self, file: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, below: BinaryIO | object) -> None:
        self._file, self._below = file, below
        self.read, self.seek = file.read, file.seek

    def close(self) -> None:
        try:
            self._file.close()
        finally:
            self._below.close()  # type: ignore[union-attr]
