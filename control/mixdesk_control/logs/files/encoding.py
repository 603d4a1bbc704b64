"""In which encoding a file is, by its first bytes, and its bytes as lines of UTF-8."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from typing import Protocol

from mixdesk_control.logs.files.lines import Cutter


@dataclass(frozen=True, slots=True)
class Encoding:
    """name: Python's; mark: its byte order mark; unit: bytes of the smallest character"""

    name: str
    mark: bytes = b""
    unit: int = 1

    @property
    def line_end(self) -> bytes:
        """`\\n` as it is written in it."""
        return "\n".encode(self.name)

    def after_first_line(self, content: bytes) -> int:
        """Where the second line begins; 0 where there is none."""
        at = -1
        while (at := content.find(self.line_end, at + 1)) >= 0:
            if at % self.unit == 0:
                return at + self.unit
        return 0

    def after_last_line(self, content: bytes) -> int:
        """Where what has no line end begins; 0 where there is no line end."""
        at = len(content)
        while (at := content.rfind(self.line_end, 0, at + self.unit - 1)) >= 0:
            if at % self.unit == 0:
                return at + self.unit
        return 0


UTF8 = Encoding("utf-8")
MARKED = (
    Encoding("utf-8", codecs.BOM_UTF8),
    Encoding("utf-16-le", codecs.BOM_UTF16_LE, 2),
    Encoding("utf-16-be", codecs.BOM_UTF16_BE, 2),
)


def of(head: bytes) -> Encoding:
    """The encoding of a file with this beginning."""
    return next((encoding for encoding in MARKED if head.startswith(encoding.mark)), UTF8)


def of_file(fd: int) -> Encoding:
    """The encoding of an open file."""
    return of(os.pread(fd, 4, 0))


class Decoder(Protocol):
    """Bytes of a file, in their order, as lines of UTF-8."""

    def feed(self, raw: bytes) -> bytes:
        """The lines that these bytes complete, each with its end and at most LONGEST bytes long."""

    def end(self) -> bytes:
        """The last line, where it has no end of its own: no more bytes come."""

    @property
    def rest(self) -> bytes:
        """What stands after the last whole line."""


class Plain:
    """A file that holds its lines as they are.

    encoding  of it, where its beginning has been read; else its first bytes tell
    """

    def __init__(self, encoding: Encoding | None = None) -> None:
        self._cutter = Cutter()
        self._begin = b""
        self._wide: codecs.IncrementalDecoder | None = None
        self._known = encoding is not None
        if encoding is not None:
            self._decode_as(encoding)

    def feed(self, raw: bytes) -> bytes:
        """See Decoder."""
        if not self._known:
            raw = self._first(raw)
        if self._wide is None:
            return self._cutter.feed(raw)
        return self._cutter.feed(self._wide.decode(raw).encode()).replace(b"\r\n", b"\n")

    def end(self) -> bytes:
        """See Decoder."""
        return self._cutter.feed(self._begin) + self._cutter.end()

    @property
    def rest(self) -> bytes:
        """See Decoder."""
        return self._cutter.rest

    def _first(self, raw: bytes) -> bytes:
        raw, self._begin = self._begin + raw, b""
        if any(encoding.mark.startswith(raw) and raw != encoding.mark for encoding in MARKED):
            self._begin = raw  # half a mark
            return b""
        self._known = True
        encoding = of(raw)
        self._decode_as(encoding)
        return raw[len(encoding.mark) :]

    def _decode_as(self, encoding: Encoding) -> None:
        if encoding.unit > 1:
            self._wide = codecs.getincrementaldecoder(encoding.name)("replace")
