"""A file that is only to be had as copies: looked at every few seconds, and copied anew where it has changed."""

from __future__ import annotations

import os
import threading
from posixpath import basename, dirname

from mixdesk_control.logs.files.encoding import Decoder
from mixdesk_control.logs.files.layout import layout
from mixdesk_control.logs.follow.cursor import Cursor
from mixdesk_control.logs.follow.folder import Folder
from mixdesk_control.logs.follow.lineup import At
from mixdesk_control.logs.follow.mark import FileMark, NoMark
from mixdesk_control.logs.piece import TRUNCATED, Mark, Piece
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InFiles

EVERY = 2  # peeks
AT_ONCE = 1 << 20


class CopyTail:
    """As tail.Tail, of a place that cannot be followed.

    What is rotated away between two copies is lost: the place hands out whole files alone, each at its price.
    """

    def __init__(self, origin: InFiles) -> None:
        self._origin, self._layout = origin, layout(origin.layout)
        self._copy: Cursor | None = None
        self._decoder: Decoder | None = None
        self._seen: tuple[int, float] | None = None
        self._gone: str | None = None
        self._at = 0
        self._ended = b""
        self._rotated: str | None = None
        self._peeks, self._look = 0, False
        self._lock, self._closed = threading.Lock(), False
        self.behind = False

    @property
    def rest(self) -> bytes:
        """See Tail."""
        return self._decoder.rest if self._decoder else b""

    @property
    def folder(self) -> Folder | None:
        """None to watch."""
        return None

    def open(self) -> None:
        """See Tail."""
        with self._lock:
            try:
                self._seen = self._looks()
                fd = self._origin.place.open(self._origin.path)
                self._at = self._layout.line_begin(fd, os.fstat(fd).st_size)
                self._take(Cursor(fd, self._at))
            except (OSError, Unreadable):
                self._look = True

    def step(self, may_block: bool = True) -> Piece | None:
        """See Tail."""
        with self._lock:
            try:
                return None if self._closed else self._step(may_block)
            except FileNotFoundError:
                return self._goes(f"{self._origin.path} is not there")
            except (OSError, Unreadable) as error:
                return self._goes(str(error))
            finally:
                if self._closed:
                    self._release()

    def told(self, name: str | None, is_new: bool) -> bool:
        """Nobody tells."""
        return False

    def peek(self) -> bool:
        """Every other time: a look costs the engine something."""
        self._peeks += 1
        self._look = self._look or self._peeks % EVERY == 0
        return self._look

    @property
    def at(self) -> At:
        """See Tail."""
        return self._copy, self._at

    def mark(self, at: At) -> Mark:
        """See Tail."""
        copy, offset = at
        if copy is None or copy.is_closed:
            return NoMark()
        return FileMark(self._layout, Cursor(os.dup(copy.fd), offset))

    def close(self) -> None:
        """See Tail."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._lock.release()

    def _step(self, may_block: bool) -> Piece | None:
        piece = self._lines()
        self.behind = piece is None and self._look and not may_block
        if piece is not None or not self._look or not may_block:
            return piece
        self._look = False
        seen = self._looks()
        if seen == self._seen and self._copy is not None:
            return None
        self._next_copy(Cursor(self._origin.place.open(self._origin.path)))
        self._seen, self._gone = seen, None
        return self._lines()

    def _lines(self) -> Piece | None:
        lines, self._ended = self._ended, b""
        if lines:
            return Piece(lines=lines)
        if self._copy is None or self._decoder is None:
            return None
        while not lines and (content := self._copy.read(AT_ONCE)):
            lines = self._decoder.feed(content)
        rotated, self._rotated = self._rotated, None
        if not lines and not rotated:
            return None
        self._at, self._gone = self._copy.offset, None
        return Piece(lines=lines, rotated=rotated)

    def _next_copy(self, found: Cursor) -> None:
        before = self._copy
        if before is not None and found.holds(before):
            self._copy = Cursor(found.fd, before.offset)
            before.close()
            return
        if before is not None and self._decoder is not None:
            self._ended, self._rotated = self._decoder.end(), TRUNCATED
            before.close()
        self._at = 0
        self._take(found)

    def _take(self, copy: Cursor) -> None:
        self._copy = copy
        self._decoder = self._layout.decoder(copy.fd, copy.offset)

    def _looks(self) -> tuple[int, float] | None:
        """Size and time; None where there is no such file."""
        folder, name = dirname(self._origin.path) or "/", basename(self._origin.path)
        found = next((one for one in self._origin.place.scan(folder) if one.name == name), None)
        return None if found is None else (found.size, found.modified)

    def _goes(self, reason: str) -> Piece | None:
        if reason == self._gone:
            return None
        self._gone = reason
        return Piece(gone=reason)

    def _release(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None
