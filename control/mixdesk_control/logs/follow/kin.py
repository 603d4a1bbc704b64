"""The older files beside the one that is read: which of them are to be read before it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from mixdesk_control.logs.follow.cursor import HEAD, Cursor
from mixdesk_control.logs.follow.folder import Folder, Identity
from mixdesk_control.logs.follow.older import Known, Older


class Kin:
    """Of one source. It remembers what was read; whoever gets an opened file closes it."""

    def __init__(self) -> None:
        self.known = Known()

    def lie_there(self, folder: Folder, name: str) -> None:
        """What is beside this file now is not to be read."""
        for older in folder.older(name):
            self.known.add(older.head)
            older.close()

    def unread(
        self, folder: Folder, name: str, current: Cursor, late: Collection[Identity], copied: bytes = b""
    ) -> list[Older]:
        """Older ones that have never been read, newest first.

        late    those that are still read
        copied  how the current one begins: its copy is not to be read
        """
        return self._less(_older(folder, name, current, late), copied)

    def behind(
        self, folder: Folder, name: str, cut: Cursor, late: Collection[Identity]
    ) -> tuple[Older | None, list[Older]]:
        """Of a file that was cut: where what had been read goes on, and what came after that, newest first."""
        opened = _older(folder, name, cut, late)
        at = next((at for at, older in enumerate(opened) if older.holds(cut)), None)
        rest = None if at is None else opened.pop(at)
        if at is None:
            at = next((at for at, older in enumerate(opened) if self._was_begun(older, cut)), len(opened))
        self.known.add(cut.head)
        close(opened[at:])
        return rest, self._less(opened[:at])

    def _was_begun(self, older: Older, cut: Cursor) -> bool:
        return older.head not in self.known and older.begins(cut)

    def _less(self, opened: list[Older], copied: bytes = b"") -> list[Older]:
        known = Known([*self.known, copied])
        unread = [older for older in opened if older.head and older.head not in known]
        close(older for older in opened if older not in unread)
        return unread


def close(opened: Iterable[Older]) -> None:
    """Lets go of all."""
    for older in opened:
        older.close()


def _older(folder: Folder, name: str, current: Cursor, late: Collection[Identity]) -> list[Older]:
    """Those older than the current one, even where that was renamed or compressed meanwhile; newest first."""
    opened = folder.older(name)
    begin = _begin(opened, current)
    found = [older for older in opened[begin:] if older.identity not in late]
    close(older for older in opened if older not in found)
    return found


def _begin(opened: list[Older], current: Cursor) -> int:
    head = Known([os.pread(current.fd, HEAD, 0)])
    same = (at for at, older in enumerate(opened, 1) if older.identity == current.identity or older.head in head)
    return next(same, len(opened) if current.is_removed else 0)
