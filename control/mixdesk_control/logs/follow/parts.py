"""What is read beside the file that is written now: older files as far as unread, and those that a writer still has."""

from __future__ import annotations

from dataclasses import dataclass

from mixdesk_control.logs.files.encoding import Decoder
from mixdesk_control.logs.follow.cursor import Cursor
from mixdesk_control.logs.follow.folder import Identity
from mixdesk_control.logs.follow.older import Older
from mixdesk_control.logs.piece import Piece

LATE_S = 60.0  # so long without a word, and no writer has the old file any more
MOST_LATE = 8


@dataclass(slots=True)
class Ahead:
    """An older file, or the rest of one, that comes before all that is written now.

    file     None where only the line is to be ended that the decoder holds
    rotated  said before its lines
    """

    file: Older | None
    decoder: Decoder
    rotated: str | None = None

    def read(self) -> Piece | None:
        """The next lines; None once all have been read."""
        while self.file is not None and (content := self.file.read()):
            if lines := self.decoder.feed(content):
                return self._piece(lines)
        lines = self.decoder.end()
        self.close()
        return self._piece(lines) if lines else None

    def close(self) -> None:
        """Lets go of the file."""
        if self.file is not None:
            self.file.close()
            self.file = None

    def _piece(self, lines: bytes) -> Piece:
        rotated, self.rotated = self.rotated, None
        return Piece(lines=lines, rotated=rotated)


@dataclass(slots=True)
class Late:
    """A file that had the name before; who writes to it may not know yet.

    since  when it last grew, by the clock
    """

    cursor: Cursor
    decoder: Decoder
    since: float

    def read(self, limit: int, now: float) -> bytes | None:
        """Lines; empty where there are none now, None where there will be none."""
        while content := self.cursor.read(limit):
            self.since = now
            if lines := self.decoder.feed(content):
                return lines
        return None if content is None or now - self.since > LATE_S else b""

    def end(self) -> bytes:
        """The last line, where it has no end. Lets go of the file."""
        self.cursor.close()
        return self.decoder.end()


class Lates:
    """Those that are not over, the oldest first."""

    def __init__(self) -> None:
        self._all: list[Late] = []

    @property
    def identities(self) -> set[Identity]:
        """What they are."""
        return {late.cursor.identity for late in self._all}

    def add(self, late: Late) -> None:
        """One more."""
        self._all.append(late)

    def take(self, identity: Identity) -> Late | None:
        """That of this file: it has its name back."""
        found = next((late for late in self._all if late.cursor.identity == identity), None)
        if found is not None:
            self._all.remove(found)
        return found

    def read(self, limit: int, now: float) -> bytes:
        """The next lines of the oldest one that has any."""
        for late in tuple(self._all):
            lines = late.read(limit, now)
            if lines is None or len(self._all) > MOST_LATE:
                self._all.remove(late)
                lines = (lines or b"") + late.end()
            if lines:
                return lines
        return b""

    def have_grown(self, now: float) -> bool:
        """Whether there is something to read, or to end."""
        return any(late.cursor.size != late.cursor.offset or now - late.since > LATE_S for late in tuple(self._all))

    def close(self) -> None:
        """Lets go of all."""
        for late in self._all:
            late.cursor.close()
        self._all.clear()
