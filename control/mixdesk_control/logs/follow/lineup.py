"""Which files a source is at the moment, in their order, and which they are after it was rotated. Blocks.

After each reading, what the file holds is compared with what was read: 1 KiB at its beginning, 64 bytes before the
place. Where they differ it was cut; an older file that holds them is read to its end first, then those that came after
it, then this one from its beginning. What is written between a copy and the cut that follows it is in neither: that is
the loss of tools that copy and cut, and nobody can make up for it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from posixpath import basename

from mixdesk_control.logs.files.encoding import Decoder
from mixdesk_control.logs.files.layout import layout
from mixdesk_control.logs.follow.absence import Absence
from mixdesk_control.logs.follow.cursor import Cursor
from mixdesk_control.logs.follow.folder import Folder, Identity
from mixdesk_control.logs.follow.kin import Kin
from mixdesk_control.logs.follow.older import Older
from mixdesk_control.logs.follow.parts import Ahead, Late, Lates
from mixdesk_control.logs.piece import CONTINUED, RECREATED, RENAMED, TRUNCATED
from mixdesk_control.logs.source import InFiles

At = tuple[Cursor | None, int]
"""A file, and how far it has been read."""


class LineUp:
    """Of one source: files ahead, the current one, and those that a writer may still have. See tail.Tail."""

    def __init__(self, origin: InFiles, clock: Callable[[], float] = time.monotonic) -> None:
        self._origin, self._clock = origin, clock
        self._layout = layout(origin.layout)
        self._folder: Folder | None = None
        self._name = basename(origin.path)
        self._named: Identity | None = None
        self._current: Cursor | None = None
        self._decoder: Decoder | None = None
        self._ahead: deque[Ahead] = deque()
        self._lates, self._kin, self._absence = Lates(), Kin(), Absence()
        self._rotated: str | None = None
        self._moved_to: InFiles | None = None
        self._at: At = (None, 0)
        self._look, self._cut = False, False

    def _open(self) -> None:
        self._folder = folder = Folder(self._origin)
        self._name = folder.live()
        self._kin.lie_there(folder, self._name)
        self._named = folder.named(self._name)
        fd = folder.open(self._name)
        offset = self._layout.line_begin(fd, os.fstat(fd).st_size)
        self._begin(Cursor(fd, offset))
        self._at = self._current, offset

    def _begin(self, cursor: Cursor) -> None:
        self._current = cursor
        self._decoder = self._layout.decoder(cursor.fd, cursor.offset)

    def _has_changed(self) -> bool:
        """Whether the name may have another file. A missing one is looked for when the folder tells, or by peeks."""
        named = self._folder.named(self._name) if self._folder else None
        return named is not None and named != self._named

    @property
    def _is_link(self) -> bool:
        return self._current is not None and self._named != self._current.identity

    def _turn(self) -> None:
        if self._cut:
            self._cut = False
            self._after_cut()
        else:
            self._look = False
            self._after_move()

    def _after_cut(self) -> None:
        cursor, decoder, folder = self._current, self._decoder, self._folder
        assert cursor is not None and decoder is not None and folder is not None
        rest, newer = self._kin.behind(folder, self._name, cursor, self._lates.identities)
        self._ahead.append(Ahead(rest, decoder))
        cursor.restart()
        self._begin(cursor)
        self._rotated = TRUNCATED
        self._read_first(newer, TRUNCATED)

    def _after_move(self) -> None:
        folder = self._enter()
        name = folder.live()
        named = folder.named(name)
        cursor = Cursor(folder.open(name))
        self._absence.over()
        is_named_anew, self._name, self._named = name != self._name, name, named
        if self._is_the_same(cursor):
            return
        late = self._lates.take(cursor.identity)
        if late is not None:
            cursor.close()
            cursor = late.cursor
        self._leave(is_named_anew)
        self._current, self._decoder = cursor, None
        unread = self._unread()
        self._begin(cursor)
        if late is not None:
            self._decoder = late.decoder
        self._read_first(unread, self._rotated)

    def _is_the_same(self, found: Cursor) -> bool:
        """Whether it is read already, or holds all that was read: reached by another way, or replaced by its copy."""
        current = self._current
        if current is None:
            return False
        if found.identity == current.identity:
            found.close()
            return True
        if current.offset == 0 or not found.holds(current):
            return False
        current.close()
        offset, head = current.offset, current.head
        self._current = Cursor(found.fd, offset)
        self._at = self._current, self._at[1]
        self._kin.known.add(head)
        return True

    def _leave(self, is_named_anew: bool) -> None:
        current, decoder = self._current, self._decoder
        if current is None or decoder is None:
            self._rotated = RECREATED if self._at[0] is not None else None
            return
        self._rotated = RECREATED if current.is_removed else CONTINUED if is_named_anew else RENAMED
        self._kin.known.add(current.head)
        self._lates.add(Late(current, decoder, self._clock()))

    def _enter(self) -> Folder:
        """The folder as it is now."""
        moved, self._moved_to = self._moved_to, None
        if moved is not None:
            self._origin = moved
        found = Folder(self._origin)
        before, self._folder = self._folder, found
        if before is not None:
            if before.identity == found.identity and moved is None:
                self._folder = before
                found.close()
            else:
                before.close()
        return self._folder

    def _unread(self, copied: bytes = b"") -> list[Older]:
        if self._folder is None or self._current is None:
            return []
        return self._kin.unread(self._folder, self._name, self._current, self._lates.identities, copied)

    def _read_first(self, unread: list[Older], rotated: str | None) -> None:
        for older in reversed(unread):
            self._kin.known.add(older.head)
            older.rewind()
            self._ahead.append(Ahead(older, self._layout.decoder(-1, 0), rotated))

    def _release(self) -> None:
        while self._ahead:
            self._ahead.popleft().close()
        self._lates.close()
        if self._current is not None:
            self._current.close()
        if self._folder is not None:
            self._folder.close()
        self._current = self._folder = self._decoder = None
