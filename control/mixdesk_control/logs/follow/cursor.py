"""An open file, read on from where it was, as long as it still holds what has been read."""

from __future__ import annotations

import os

from mixdesk_control.logs.files import holes

HEAD = 1024  # bytes at its beginning by which a file is known again
BEFORE = 64  # bytes right before the place where it is read on


class Cursor:
    """Owns the descriptor. All that it reads is read by offset: others may share the file."""

    def __init__(self, fd: int, offset: int = 0) -> None:
        self.fd, self.offset = fd, offset
        seen = os.fstat(fd)
        self.identity = (seen.st_dev, seen.st_ino)
        self.head = os.pread(fd, min(HEAD, offset), 0)
        self.before = self._ending(offset)

    @property
    def size(self) -> int:
        """Bytes of the file now."""
        return os.fstat(self.fd).st_size

    @property
    def is_removed(self) -> bool:
        """Whether it has no name any more."""
        return os.fstat(self.fd).st_nlink == 0

    def read(self, limit: int) -> bytes | None:
        """What comes next, empty at the end; None where the file is not the one any more that has been read."""
        content = os.pread(self.fd, limit, self.offset)
        # After the reading: what was cut and written anew meanwhile is noticed too.
        if not self.holds(self):
            return None
        return self.advance(content)

    def advance(self, content: bytes) -> bytes:
        """These bytes have been read; of a hole, all of it."""
        if holes.is_empty(content):
            self.offset = max(self.offset + len(content), holes.data_from(self.fd, self.offset))
            self.head = os.pread(self.fd, min(HEAD, self.offset), 0)
            self.before = self._ending(self.offset)
            return content
        self.offset += len(content)
        if len(self.head) < HEAD:
            self.head += content[: HEAD - len(self.head)]
        self.before = content[-BEFORE:] if len(content) >= BEFORE else (self.before + content)[-BEFORE:]
        return content

    def holds(self, other: Cursor) -> bool:
        """Whether this file begins with all that was read of the other, as far as its both ends tell."""
        at = other.offset - len(other.before)
        return (
            os.pread(self.fd, len(other.before), at) == other.before
            and os.pread(self.fd, len(other.head), 0) == other.head
        )

    def restart(self) -> None:
        """From its beginning, as a file that has not been read."""
        self.offset, self.head, self.before = 0, b"", b""

    def close(self) -> None:
        """Lets go of the file."""
        os.close(self.fd)
        self.fd = -1

    @property
    def is_closed(self) -> bool:
        """Whether it has let go of it."""
        return self.fd < 0

    def _ending(self, offset: int) -> bytes:
        size = min(BEFORE, offset)
        return os.pread(self.fd, size, offset - size)
