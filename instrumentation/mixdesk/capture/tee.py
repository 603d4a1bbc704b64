"""Copies what pipes give to a log file and to where it went before: a program of its own, started by its path.

`python -I -S tee.py LOG MOST CONTROL IN:OUT ...` (file descriptors). It ends when nobody can write to the pipes.
It imports next to nothing, so that it is small beside each trainer, and never the package that it lies in.
"""
# ruff: noqa: PTH105, PTH116

from __future__ import annotations

import errno
import os
import select
import signal
import sys

CHUNK = 64 << 10
BACKLOG = 1 << 20  # bytes that may wait for a slow reader
ONE_WRITE = 4096  # POSIX: a pipe that can be written to takes so many without waiting
LONGEST = 1 << 20  # a file is not kept beyond its bound for the sake of a longer line
IDLE_S = 0.1  # the rest of a line is waited for as long
ASKED, ANSWER = b"?", b"."
REGULAR, KIND = 0o100000, 0o170000  # of st_mode; the module `stat` costs memory


class LogFile:
    """The log: at `most` bytes it becomes `.1`, at the end of a line, and a new one begins. Never raises."""

    def __init__(self, path: str, most: int) -> None:
        self._path, self._most = path, most
        self._fd = -1
        self._is_whole = True
        self._missing, self._why = 0, ""

    def write(self, data: bytes) -> None:
        """Where the disk takes nothing, a later line says how much is missing."""
        try:
            size = self._open()
            if size and size + len(data) > self._most:
                data = self._turn(size, data)
        except OSError as error:
            self._miss(data, error)
            return
        if self._missing and not self._tell():
            self._missing += len(data)
        else:
            self._append(data)

    def _turn(self, size: int, data: bytes) -> bytes:
        """Begins a new file, where a line begins; what is left to be written. Raises OSError."""
        rest = 0 if self._is_whole else _line_end(data)
        if not (rest or self._is_whole or size > self._most + LONGEST):
            return data
        self._append(data[:rest])
        os.replace(self._path, f"{self._path}.1")
        self._open()
        return data[rest:]

    def _open(self) -> int:
        """The size of the file that has the log's name now: it may have been removed, or made anew by another."""
        try:
            there = os.stat(self._path, follow_symlinks=False)
            if self._fd >= 0 and os.path.samestat(there, os.fstat(self._fd)):
                return there.st_size
        except FileNotFoundError:
            pass
        self.close()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(self._path, flags, 0o600)
        size = os.fstat(self._fd).st_size
        self._is_whole = size == 0 or os.pread(self._fd, 1, size - 1) == b"\n"
        return size

    def _tell(self) -> bool:
        """What is missing here; whether there is room again."""
        missing = self._missing
        note = b"\n[mixdesk: %d bytes are missing here: %s]\n" % (missing, self._why.encode())
        is_written = self._append(note)
        self._missing = 0 if is_written else missing
        return is_written

    def _append(self, data: bytes) -> bool:
        """Whether all of it was taken."""
        try:
            while data:
                written = os.write(self._fd, data)
                self._is_whole = data[written - 1 : written] == b"\n"
                data = data[written:]
        except OSError as error:
            self._miss(data, error)
        return not data

    def _miss(self, data: bytes, error: OSError) -> None:
        self._missing += len(data)
        self._why = error.strerror or "?"

    def close(self) -> None:
        """Also where it is closed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _line_end(data: bytes) -> int:
    """How many bytes there are to the end of the first line; 0 where it does not end here."""
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    return min(ends) + 1 if ends else 0


class Outlet:
    """Where a stream went before. Never waits for it, and never raises.

    A terminal that takes nothing is not waited for: a line says what was left out. Anything else has to be, or bytes
    would be lost: then `is_full`, and nothing more is read for it.
    """

    def __init__(self, fd: int, log: str) -> None:
        self._log = log
        self._is_terminal = os.isatty(fd)
        self._is_file = os.fstat(fd).st_mode & KIND == REGULAR
        self.fd, self._waits = (fd, True) if self._is_file else _without_waiting(fd)
        self._backlog = bytearray()
        self._left_out = 0
        self._is_gone = False

    @property
    def is_full(self) -> bool:
        """Whether its source must not be read now."""
        return not self._is_terminal and len(self._backlog) >= BACKLOG

    @property
    def has_backlog(self) -> bool:
        """Whether there is something that it has not taken yet."""
        return bool(self._backlog)

    def put(self, data: bytes) -> None:
        """In order, as soon as it takes it."""
        if self._is_terminal and len(self._backlog) + len(data) > BACKLOG:
            self._left_out += len(data)
        elif not self._is_gone:
            self._backlog += data
        self.flush()

    def flush(self) -> None:
        """What can be written without waiting."""
        try:
            while self._backlog and self._takes():
                most = ONE_WRITE if self._waits and not self._is_file else CHUNK
                del self._backlog[: os.write(self.fd, self._backlog[:most])]
                if not self._backlog and self._left_out:
                    self._backlog += b"\n[%d bytes left out: see %s]\n" % (self._left_out, os.fsencode(self._log))
                    self._left_out = 0
        except BlockingIOError:
            pass
        except OSError as error:
            self._is_gone = error.errno not in (errno.ENOSPC, errno.EDQUOT)
            self._backlog.clear()

    def _takes(self) -> bool:
        return not self._waits or bool(select.select([], [self.fd], [], 0)[1])


def _without_waiting(fd: int) -> tuple[int, bool]:
    """The same pipe or terminal opened anew, for the flag is not ours alone; whether writes may wait all the same."""
    try:
        return os.open(f"/dev/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), False
    except OSError:  # a socket, another user's terminal
        return fd, True


class Inlet:
    """One end of a pipe, or the master of a pseudo-terminal; `held` is the beginning of a line."""

    def __init__(self, fd: int, out: int, log: str) -> None:
        self.fd = fd
        self.outlet = Outlet(out, log)
        self.held = b""
        self._screen = _Screen(fd, out) if os.isatty(out) else None

    def read(self) -> bytes:
        """What is there; nothing at its end."""
        if self._screen is not None:
            self._screen.follow()
        try:
            return os.read(self.fd, CHUNK)
        except OSError:  # EIO: the last one who had the terminal open has closed it
            return b""


class _Screen:
    """Gives a pseudo-terminal the size of the real one."""

    def __init__(self, inner: int, real: int) -> None:
        import fcntl
        import termios

        self._ioctl, self._get, self._set = fcntl.ioctl, termios.TIOCGWINSZ, termios.TIOCSWINSZ
        self._inner, self._real = inner, real
        self._size = b""

    def follow(self) -> None:
        try:
            size = self._ioctl(self._real, self._get, bytes(8))
            if size != self._size:
                self._size = size
                self._ioctl(self._inner, self._set, size)
        except OSError:
            pass


class Tee:
    """Runs until all inlets have ended and all that they gave is passed on.

    control  a socket to the trainer: asked by a byte, it answers when all that was written so far is passed on
    """

    def __init__(self, log: LogFile, inlets: list[Inlet], control: int) -> None:
        self._log, self._control = log, control
        self._inlets, self._outlets = inlets, [inlet.outlet for inlet in inlets]
        self._are_mixed = len(inlets) > 1
        self._mid_line: Inlet | None = None
        self._asked = False

    def run(self) -> None:
        """Blocks."""
        while self._inlets or any(outlet.has_backlog for outlet in self._outlets):
            self._turn()
        self._log.close()

    def _turn(self) -> None:
        fds = [inlet.fd for inlet in self._inlets if not inlet.outlet.is_full]
        control = [self._control] if self._control >= 0 else []
        blocked = [outlet.fd for outlet in self._outlets if outlet.has_backlog]
        held = any(inlet.held for inlet in self._inlets)
        readable, writable, _ = select.select(fds + control, blocked, [], IDLE_S if held or self._asked else None)
        for outlet in self._outlets:
            if outlet.fd in writable:
                outlet.flush()
        for inlet in [inlet for inlet in self._inlets if inlet.fd in readable]:
            self._read(inlet)
        if control and self._control in readable:
            self._hear()
        elif not readable:
            self._let_go()
        self._answer()

    def _read(self, inlet: Inlet) -> None:
        data = inlet.read()
        if data:
            self._keep(inlet, data)  # first: nobody can be slower than the disk
            inlet.outlet.put(data)
        else:
            self._inlets.remove(inlet)
            self._write(inlet, inlet.held)

    def _keep(self, inlet: Inlet, data: bytes) -> None:
        """Two streams in one log: whole lines of the one, then of the other; the state of a progress bar is none."""
        if not self._are_mixed:
            self._log.write(data)
            return
        held = inlet.held + data
        cut = max(held.rfind(b"\n") + 1, held.rfind(b"\r"))
        if cut <= 0 and len(held) > CHUNK:
            cut = len(held)
        inlet.held = held[max(cut, 0) :]
        self._write(inlet, held[: max(cut, 0)])

    def _write(self, inlet: Inlet, data: bytes) -> None:
        if not data:
            return
        if self._mid_line not in (None, inlet):
            self._log.write(b"\n")
        self._log.write(data)
        self._mid_line = None if data.endswith(b"\n") else inlet

    def _let_go(self) -> None:
        """Of what is no whole line, and may not become one soon."""
        for inlet in self._inlets:
            held, inlet.held = inlet.held, b""
            self._write(inlet, held)

    def _hear(self) -> None:
        try:
            said = os.read(self._control, 64)
        except OSError:
            said = b""
        self._asked = self._asked or bool(said)
        if not said:
            os.close(self._control)
            self._control = -1

    def _answer(self) -> None:
        """Once nothing is left to read or to write."""
        if not self._asked or any(outlet.has_backlog for outlet in self._outlets):
            return
        if self._inlets and select.select([inlet.fd for inlet in self._inlets], [], [], 0)[0]:
            return
        self._let_go()
        self._asked = False
        if self._control >= 0:
            try:
                os.write(self._control, ANSWER)
            except OSError:
                pass  # the trainer is gone


def tee(log: str, most: int, control: int, pairs: list[tuple[int, int]]) -> Tee:
    """All of it from file descriptors: what each pipe gives goes to the descriptor beside it."""
    return Tee(LogFile(log, most), [Inlet(fd, out, log) for fd, out in pairs], control)


def main(arguments: list[str]) -> None:
    """Detached from the trainer, so that who counts, awaits or ends its children never meets this one."""
    if os.fork():
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends with its pipes, however its group is ended
    os.chdir("/")
    log, most, control, *pairs = arguments
    fds = [pair.partition(":")[::2] for pair in pairs]
    tee(log, int(most), _low(control), [(_low(fd), _low(out)) for fd, out in fds]).run()
    os._exit(0)


def _low(fd: str) -> int:
    """A copy with a small number: select takes none from 1024 on, and a trainer may have more files open."""
    low = os.dup(int(fd))
    os.close(int(fd))
    return low


if __name__ == "__main__":
    main(sys.argv[1:])
