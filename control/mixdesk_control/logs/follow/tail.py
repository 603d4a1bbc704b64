"""A file followed through its rotations, step by step. It knows no loop: a step may block, or asks for a thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from mixdesk_control.logs.follow.cursor import HEAD, Cursor
from mixdesk_control.logs.follow.folder import Folder
from mixdesk_control.logs.follow.kin import close
from mixdesk_control.logs.follow.lineup import At, LineUp
from mixdesk_control.logs.follow.mark import FileMark, NoMark
from mixdesk_control.logs.piece import TRUNCATED, Mark, Piece
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InFiles

ON_LOOP, IN_THREAD = 64 << 10, 1 << 20  # bytes of one step
LOOK_EVERY = 30  # peeks
TRIES = 10

Locate = Callable[[], InFiles | None]


class Tail(LineUp):
    """One source in files. One thread at a time may step; `close`, `peek` and `told` may come from others meanwhile."""

    def __init__(
        self, origin: InFiles, locate: Locate | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(origin, clock)
        self._locate = locate
        self._held: Piece | None = None
        self._peeks = 0
        self._copied = False
        self._lock, self._closed = threading.Lock(), False
        self.behind = False
        """Whether the next step would block."""

    # -- for who reads -----------------------------------------------------------------------------------

    def open(self) -> None:
        """From the end of what is there now, where there is something. Blocks."""
        with self._lock:
            try:
                self._open()
            except (OSError, Unreadable):
                self._look = True  # the first step says what is wrong

    def step(self, may_block: bool = True) -> Piece | None:
        """The next piece; None where there is none now, or where `behind` says that it takes a thread."""
        with self._lock:
            try:
                return None if self._closed else self._step(may_block)
            except FileNotFoundError:
                return self._absence.missing(self._origin.path, self._clock(), at_once=self._current is None)
            except Unreadable as error:
                return self._absence.goes(str(error))
            except OSError as error:
                return self._absence.goes(f"{self._origin.path} cannot be read: {error.strerror or error}")
            finally:
                if self._closed:
                    self._release()

    @property
    def rest(self) -> bytes:
        """What stands after the last whole line."""
        return b"" if self._decoder is None or self._held or self._ahead else self._decoder.rest

    @property
    def folder(self) -> Folder | None:
        """The folder to watch; another object once it has been replaced."""
        return self._folder

    @property
    def at(self) -> At:
        """The place behind the last piece."""
        return self._at

    def mark(self, at: At) -> Mark:
        """Of that place."""
        cursor, offset = at
        if cursor is None or cursor.is_closed:
            return NoMark()
        return FileMark(self._layout, Cursor(os.dup(cursor.fd), offset))

    def told(self, name: str | None, is_new: bool) -> bool:
        """Something happened to this name in the folder, or to anything; whether it matters here.

        is_new  the name has come, gone, or is of another file now
        """
        folder = self._folder
        if name is None or folder is None:
            self._look = True
            return True
        if is_new and name != self._name and name.startswith(folder.stem):
            self._copied = True
            self._look = self._look or folder.is_dated
        return name.startswith(folder.stem) or self._is_link

    def peek(self) -> bool:
        """Whether a step has something to do, without being told; cheap, and may block."""
        try:
            return self._peek()
        except (OSError, ValueError):
            self._look = True
            return True

    def close(self) -> None:
        """Lets go of all files, once a step that runs has come to its end."""
        self._closed = True
        if self._lock.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._lock.release()

    # -- one step ----------------------------------------------------------------------------------------

    def _step(self, may_block: bool) -> Piece | None:
        self.behind = False
        limit = IN_THREAD if may_block else ON_LOOP
        while True:
            piece = self._older_lines(limit)
            if piece is not None:
                return piece
            if not may_block and self._is_slow():
                self.behind = True
                return None
            piece = self._ahead_lines() or self._current_lines(limit)
            if piece is not None:
                return self._after_late(piece, limit)
            if not (self._look or self._cut):
                return None
            if not may_block:
                self.behind = True
                return None
            self._turn()

    def _is_slow(self) -> bool:
        cursor = self._current
        if self._ahead or cursor is None:
            return bool(self._ahead) or self._look
        unread = cursor.size - cursor.offset
        return unread > IN_THREAD or (cursor.offset == 0 and (unread > 0 or self._copied))

    def _older_lines(self, limit: int) -> Piece | None:
        lines = self._lates.read(limit, self._clock())
        if lines:
            return Piece(lines=lines)
        piece, self._held = self._held, None
        if piece is not None and self._current is not None:
            self._at = self._current, self._current.offset
        return piece

    def _after_late(self, piece: Piece, limit: int) -> Piece:
        """A writer may have ended the old file between the last look at it and this piece of the new one."""
        lines = self._lates.read(limit, self._clock())
        if lines:
            self._held = piece
            return Piece(lines=lines)
        if self._current is not None:
            self._at = self._current, self._current.offset
        return piece

    def _ahead_lines(self) -> Piece | None:
        while self._ahead:
            piece = self._ahead[0].read()
            if piece is not None:
                return piece
            self._ahead.popleft()
        return None

    def _current_lines(self, limit: int) -> Piece | None:
        cursor, decoder = self._current, self._decoder
        if cursor is None or decoder is None:
            return None
        lines = b""
        while not lines:
            content = self._first(cursor, limit) if cursor.offset == 0 else cursor.read(limit)
            if content is None:
                self._cut = not self._ahead
                break
            if not content:
                self._look = self._look or self._has_changed()
                break
            lines = decoder.feed(content)
        if self._ahead:
            return self._ahead_lines() or self._current_lines(limit)
        if not (lines or self._rotated):
            return None
        rotated, self._rotated = self._rotated, None
        return Piece(lines=lines, rotated=rotated)

    def _first(self, cursor: Cursor, limit: int) -> bytes | None:
        """The first bytes of a file; None where there is an older one to be read before: copied and cut unseen."""
        folder = self._folder
        if folder is None or (cursor.size == 0 and not self._copied):
            return b""
        self._copied = False
        for _ in range(TRIES):
            listing = folder.listing(self._name)
            content = os.pread(cursor.fd, limit, 0)
            unread = self._unread(content[:HEAD])
            same = folder.listing(self._name) == listing
            if same and os.pread(cursor.fd, len(content[:HEAD]), 0) == content[:HEAD]:
                break
            close(unread)
            unread = []
        if unread:
            self._read_first(unread, TRUNCATED)
            return None
        return cursor.advance(content)

    # -- a look ------------------------------------------------------------------------------------------

    def _peek(self) -> bool:
        self._peeks += 1
        cursor, folder = self._current, self._folder
        found = self._locate() if self._locate else None
        if found is not None and found != self._origin and _elsewhere(found, self._origin):
            self._moved_to, self._look = found, True
        if cursor is None or folder is None or self._peeks % LOOK_EVERY == 0:
            self._look = True
        if not self._look and folder is not None and folder.named(self._name) != self._named:
            self._look = True
        grown = cursor is not None and cursor.size != cursor.offset
        return self._look or grown or self._lates.have_grown(self._clock())


def _elsewhere(found: InFiles, origin: InFiles) -> bool:
    """Not only older files, or a newer day."""
    return found.place != origin.place or found.layout != origin.layout or found.pattern != origin.pattern
