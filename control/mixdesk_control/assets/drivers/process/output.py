"""The lines of an asset's output, as they come."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from mixdesk_control.lines import Lines

CHUNK = 1 << 16
SOONEST_S, LATEST_S = 0.05, 0.2


class Tail:
    """Reads on in a file that is cut, moved or not there yet."""

    def __init__(self, path: Path, position: int) -> None:
        self._path, self._position = path, position
        self._older = path.with_name(f"{path.name}.1")
        self._turn = _mark(self._older)
        self._inode: int | None = None
        self.lines = Lines()

    def read(self) -> list[str]:
        """The lines since the last call, at most 64 KiB of them. Blocks."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return []
        try:
            self._find(fd)
            content = os.pread(fd, CHUNK, self._position)
        except OSError:
            return []
        finally:
            os.close(fd)
        self._position += len(content)
        return self.lines.feed(content) if content else []

    def _find(self, fd: int) -> None:
        """Back to the start where the file is another one, or was cut and may have grown past here again."""
        stat, turn = os.fstat(fd), _mark(self._older)
        moved = self._inode not in (None, stat.st_ino)
        if moved or stat.st_size < self._position or turn != self._turn:
            self._position, self.lines = 0, Lines()
        self._inode, self._turn = stat.st_ino, turn


def _mark(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        stat = path.stat()
        return stat.st_ino, stat.st_mtime_ns
    return None


async def follow(path: Path, position: Callable[[], int]) -> AsyncIterator[str]:
    """Without end."""
    tail = Tail(path, await asyncio.to_thread(position))
    pause = SOONEST_S
    while True:
        lines = await asyncio.to_thread(tail.read)
        for line in lines:
            yield line
        pause = SOONEST_S if lines else min(LATEST_S, pause * 2)
        await asyncio.sleep(0 if lines else pause)
