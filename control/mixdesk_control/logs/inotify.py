"""The kernel's notices about folders and files (inotify(7)), as the C library has them."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator

MODIFY, ATTRIB, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x2, 0x4, 0x40, 0x80, 0x100, 0x200
DELETE_SELF, MOVE_SELF, OVERFLOW, IGNORED = 0x400, 0x800, 0x4000, 0x8000
NAMES = MOVED_FROM | MOVED_TO | CREATE | DELETE
ITSELF = DELETE_SELF | MOVE_SELF
MASK = MODIFY | NAMES | ITSELF
AT_ONCE = 64 << 10

_EVENT = struct.Struct("iIII")


class Inotify:
    """One instance. Raises OSError: EMFILE and ENOSPC where the user has too many instances or watches."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self._checked(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC), "inotify")

    def add(self, fd: int, mask: int = MASK) -> int:
        """Watches what an open descriptor is of; the same one has the same number."""
        path = f"/proc/self/fd/{fd}"
        return self._checked(self._libc.inotify_add_watch(self.fd, path.encode(), ctypes.c_uint32(mask)), path)

    def remove(self, watch: int) -> None:
        """Of one that has gone by itself: nothing."""
        self._libc.inotify_rm_watch(self.fd, watch)

    def events(self) -> Iterator[tuple[int, int, str]]:
        """(watch, mask, name) of what has happened; the name is empty where it is about the folder itself."""
        try:
            content = os.read(self.fd, AT_ONCE)
        except BlockingIOError:
            return
        at = 0
        while at < len(content):
            watch, mask, _, size = _EVENT.unpack_from(content, at)
            at += _EVENT.size + size
            yield watch, mask, os.fsdecode(content[at - size : at].rstrip(b"\0"))

    def close(self) -> None:
        """Ends all watches."""
        os.close(self.fd)

    @staticmethod
    def _checked(result: int, what: str) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), what)
        return result
