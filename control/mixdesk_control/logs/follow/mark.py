"""Marks: the lines before a place in a source."""

from __future__ import annotations

from mixdesk_control.logs.files.layout import Layout
from mixdesk_control.logs.follow.cursor import Cursor


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

    def close(self) -> None:
        """See Mark."""
        if not self._cursor.is_closed:
            self._cursor.close()


class NoMark:
    """Where nothing was before."""

    def last(self, lines: int) -> bytes:
        """Nothing."""
        return b""

    def close(self) -> None:
        """Nothing to do."""
