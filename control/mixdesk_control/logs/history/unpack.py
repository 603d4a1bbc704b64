"""Compressed files read as a stream: gzip with several members, bzip2 and xz, by what they begin with."""

from __future__ import annotations

import bz2
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

AT_ONCE = 64 << 10  # bytes, packed
MOST_AT_ONCE = 256 << 10  # bytes, unpacked
MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
DICTIONARY = 128 << 20  # bytes that xz may take; its strongest preset needs 65 MiB

LEAST_MOST, RATIO = 256 << 20, 200
"""A file may unpack to so many bytes, or to so many times its size: logs pack 10 to 100 times, a bomb 1,000 times."""


class TooMuch(Exception):
    """A file that unpacks to more than any log would; one line."""


class Unpacker(Protocol):
    """What bz2 and lzma have."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's, with the face of the other two."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max(max_length, 0))


UNPACKERS: dict[str, Callable[[], Unpacker]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=DICTIONARY),
}
WRONG = (zlib.error, lzma.LZMAError, OSError, EOFError)


def packing(fd: int) -> str | None:
    """`gzip`, `bzip2` or `xz`; None of a file that is none of these, whatever its name says."""
    head = os.pread(fd, 8, 0)
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def unpacked(fd: int, kind: str, most: int | None = None) -> Iterator[bytes]:
    """What is in it, in order. One that is cut off or damaged ends where it is: the rest is lost anyway.

    Raises TooMuch after `most` bytes; without it, after what a log of this size may hold.
    """
    bound = max(LEAST_MOST, RATIO * os.fstat(fd).st_size) if most is None else most
    total = 0
    for piece in _pieces(fd, kind):
        total += len(piece)
        if total > bound:
            msg = f"the rest of it is left out: it unpacks to more than {bound >> 20} MiB"
            raise TooMuch(msg)
        yield piece


def _pieces(fd: int, kind: str) -> Iterator[bytes]:
    unpacker, at, data = UNPACKERS[kind](), 0, b""
    while True:
        if not data and unpacker.needs_input:
            data = os.pread(fd, AT_ONCE, at)
            at += len(data)
            if not data:
                return
        try:
            piece = unpacker.decompress(data, MOST_AT_ONCE)
        except WRONG:
            return
        data = b""
        if piece:
            yield piece
        if unpacker.eof:  # another member may follow, and padding may stand between
            unpacker, data = UNPACKERS[kind](), unpacker.unused_data.lstrip(b"\x00")
