"""The file that a program's output goes to, kept from growing without end.

No pipe: whoever read from it could die or be slow, and the program would break or stand still with it. The program
writes to the file itself, in append mode, so the file can be cut to nothing under it at any time.
"""
# Read by the runner, which does without pathlib.
# ruff: noqa: PTH105

from __future__ import annotations

import os

SOONEST_S, LATEST_S = 0.02, 1.0
ROUNDS = 3


class Output:
    """`bound` is the size in bytes at which the newest half of the file becomes `output.log.1`, and the file empty."""

    def __init__(self, path: str, bound: int) -> None:
        """Makes the file where there is none. Raises OSError."""
        self._path, self._bound = path, bound
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._own = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._size = self.size
        self.interval = LATEST_S

    @property
    def size(self) -> int:
        """Bytes now."""
        return os.fstat(self._own).st_size

    def keep(self) -> bool:
        """Cuts the file where it is too large: whether it did. To be called again after `interval` seconds."""
        size = self.size
        grown, self._size = abs(size - self._size), size
        hurried = grown > self._bound // 16
        self.interval = max(SOONEST_S, self.interval / 4) if hurried else min(LATEST_S, self.interval * 2)
        if size <= self._bound:
            return False
        try:
            self._save(size)
        except OSError:
            pass  # a full disk, say: the bound holds all the same
        os.ftruncate(self._own, 0)
        self._size = 0
        return True

    def _save(self, size: int) -> None:
        """The newest part, and what is written meanwhile; what comes after the last look at the size is lost."""
        new = f"{self._path}.1.new"
        out = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            position = size - self._bound // 2
            for _ in range(ROUNDS):
                position = self._copy(out, position, min(self.size, size + self._bound))
        finally:
            os.close(out)
        os.replace(new, f"{self._path}.1")

    def _copy(self, out: int, position: int, end: int) -> int:
        while position < end:
            sent = os.sendfile(out, self._own, position, end - position)
            if not sent:
                break
            position += sent
        return position
