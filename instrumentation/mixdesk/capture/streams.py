"""The file descriptors 1 and 2 of this process: what they are, put in our place, and put back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Collection
from typing import Any

fcntl: Any
termios: Any
try:
    import fcntl
    import termios
except ImportError:  # Windows
    fcntl = termios = None

STDOUT, STDERR = 1, 2
_OFLAG, _LFLAG = 1, 3  # places in what termios.tcgetattr returns


def identity(fd: int) -> str:
    """Tells one pipe or file from another, in all processes of this host: device and inode."""
    stat = os.fstat(fd)
    return f"{stat.st_dev:x}:{stat.st_ino:x}"


def refusal() -> str | None:
    """Why what this process prints cannot be captured; None where it can."""
    if termios is None:
        return "it works on Linux and macOS alone"
    if not sys.executable or getattr(sys, "frozen", False):
        return "there is no Python interpreter to run beside a frozen program"
    for fd, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
        if _number(getattr(sys, name)) != fd:
            return f"sys.{name} does not write to file descriptor {fd} (a notebook, or it was replaced)"
    closed = [str(fd) for fd in (0, STDOUT, STDERR) if not _is_open(fd)]
    return f"file descriptor {', '.join(closed)} is closed" if closed else None


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _number(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except (AttributeError, OSError, ValueError):  # io.UnsupportedOperation is both of the last two
        return None


class Stream:
    """One destination, for one of the two descriptors or both of them: `2>&1` stays in the order of writing.

    read      the end that is read from
    original  a copy of where it went
    """

    def __init__(self, fds: Collection[int]) -> None:
        """Changes nothing yet. Raises OSError."""
        self._fds = tuple(fds)
        self._saved = {fd: os.dup(fd) for fd in self._fds}
        self.original = self._saved[self._fds[0]]
        try:
            self.read, self._write = _terminal(self.original) if os.isatty(self.original) else os.pipe()
        except OSError:
            self._close_saved()
            raise
        self.identity = identity(self._write)

    def put_in(self) -> None:
        """From here on what is written to these descriptors can be read."""
        for fd in self._fds:
            os.dup2(self._write, fd)
        self._close_write()

    def put_back(self) -> None:
        """As it was, but for a descriptor that somebody else has put another file on."""
        for fd in self._fds:
            with contextlib.suppress(OSError):
                if identity(fd) == self.identity:
                    os.dup2(self._saved[fd], fd)

    def close(self) -> None:
        """Lets go of everything. Twice does no harm."""
        self._close_write()
        if self.read >= 0:
            os.close(self.read)
            self.read = -1
        self._close_saved()

    def _close_write(self) -> None:
        if self._write >= 0:
            os.close(self._write)
            self._write = -1

    def _close_saved(self) -> None:
        for fd in self._saved.values():
            os.close(fd)
        self._saved = {}


def streams(captured: Collection[str] = ()) -> list[Stream]:
    """What is to be captured: one for each destination, without those that are captured already. Raises OSError."""
    wanted = [fd for fd in (STDOUT, STDERR) if identity(fd) not in captured]
    are_one = len(wanted) == 2 and identity(STDOUT) == identity(STDERR)
    made: list[Stream] = []
    try:
        for fds in [wanted] if are_one else [[fd] for fd in wanted]:
            made.append(Stream(fds))  # noqa: PERF401 - those that were made are closed where one fails
    except OSError:
        for stream in made:
            stream.close()
        raise
    return made


def _terminal(real: int) -> tuple[int, int]:
    """A pseudo-terminal that passes bytes on as they are, as large as the real one: (master, slave)."""
    master, slave = os.openpty()
    with contextlib.suppress(OSError, termios.error):
        mode = termios.tcgetattr(slave)
        mode[_OFLAG] &= ~termios.OPOST  # the real one does that
        mode[_LFLAG] &= ~(termios.ECHO | termios.ISIG | termios.ICANON)
        termios.tcsetattr(slave, termios.TCSANOW, mode)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, fcntl.ioctl(real, termios.TIOCGWINSZ, bytes(8)))
    return master, slave


def flush() -> None:
    """Has Python and C write what they hold back."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with contextlib.suppress(OSError, AttributeError, ValueError):
        library = ctypes.CDLL(None)
        for name in ("stdout", "stderr"):  # not all of C's: one that another thread reads from would be waited for
            library.fflush(ctypes.c_void_p.in_dll(library, name))
