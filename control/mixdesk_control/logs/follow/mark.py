"""Marks: the lines before a place in a source."""

from __future__ import annotations

import os

from mixdesk_control.logs.files.layout import Layout
from mixdesk_control.logs.follow.cursor import Cursor

AT_ONCE = 1 << 20  # bytes


class FileMark:
    """In a file. Owns the cursor; the line that it is in the middle of comes after the mark."""

    def __init__(self, layout: Layout, cursor: Cursor) -> None:
        self._layout, self._cursor = layout, cursor

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode of the file that `last` reads."""
        return self._cursor.identity

    def last(self, lines: int) -> bytes:
        """See Mark. Nothing, where what was read is not there any more."""
        cursor = self._cursor
        try:
            found = self._layout.last(cursor.fd, lines, self._layout.line_begin(cursor.fd, cursor.offset))
            return found if cursor.holds(cursor) else b""
        except OSError:
            return b""  # it cannot be read any more
        finally:
            self.close()

    def rest(self) -> bytes:
        """See Mark."""
        cursor = self._cursor
        try:
            at = self._layout.line_begin(cursor.fd, cursor.offset)
            decoder = self._layout.decoder(cursor.fd, at)
            while content := os.pread(cursor.fd, AT_ONCE, at):
                at += len(content)
                if decoder.feed(content):
                    return b""  # it has ended meanwhile, and comes with the lines
            return decoder.rest if cursor.holds(cursor) else b""
        except OSError:
            return b""

    def close(self) -> None:
        """See Mark."""
        if not self._cursor.is_closed:
            self._cursor.close()


class NoMark:
    """Where no whole line was before."""

    def __init__(self, rest: bytes = b"") -> None:
        self._rest = rest

    def last(self, lines: int) -> bytes:
        """Nothing."""
        return b""

    def rest(self) -> bytes:
        """What is known."""
        return self._rest

    def close(self) -> None:
        """Nothing to do."""
