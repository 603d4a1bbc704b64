"""One file a job: its last reports, on disk until a desk has them; the hand-over between processes.

Each line is a whole report as JSON, appended with one write and no fsync at every phase edge, saved checkpoint
and end, so that a SIGKILL loses none. The last line that can be read is the state of the job.

The process that runs the job holds the file's lock; without a holder the file may be delivered by anyone
who may read it (mode 0600), or taken over by the process that goes on with the job.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import wire

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: no lock, one process a job
    fcntl = None

KEEP_DAYS = 30
LOOK_S = 1.0  # who looks whether a file is held has its lock for a moment
_SUFFIX = ".jsonl"
_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def folder_in(state_dir: Path) -> Path:
    """Where spool files stand in a state folder."""
    return state_dir / "spool"


class Spool:
    """The spool file of one job, open and locked by the process that runs it."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        self._torn = False

    @classmethod
    def open(cls, folder: Path, job_id: str, *, wait_s: float = LOOK_S) -> Spool | None:
        """Open and lock the file of a job; None where another process holds it for longer than `wait_s`.

        Raises OSError where the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / (job_id + _SUFFIX)
        deadline = time.monotonic() + wait_s
        while True:
            spool = cls(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _CLOEXEC, 0o600))
            if not spool.lock(max(deadline - time.monotonic(), 0.0)):
                spool.close()
                return None
            if spool._is_there():
                spool._torn = not _ends_with_newline(spool._fd)
                return spool
            spool.close()  # it was delivered and removed while this process waited for it

    def lock(self, wait_s: float = 0.0) -> bool:
        """Take the lock, trying for `wait_s` seconds."""
        deadline = time.monotonic() + wait_s
        while not _try_lock(self._fd):
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        return True

    def unlock(self) -> None:
        """Let another process go on with the job."""
        if fcntl is not None:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def append(self, report: wire.Report) -> None:
        """Add one report in one write, so that no signal leaves half of it. Raises OSError where it does not fit."""
        line = (b"\n" if self._torn else b"") + wire.encode(report) + b"\n"
        self._torn = True
        if os.write(self._fd, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self._torn = False

    def report(self) -> wire.Report | None:
        """The state of the job that the file holds."""
        return _last_of(_content(self._fd))

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._fd), self.path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Close the file, which gives up the lock; it stays for whoever delivers it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def discard(self) -> None:
        """Remove the file: a desk has all of it."""
        try:
            self.path.unlink(missing_ok=True)
            self.close()
        except PermissionError:  # Windows removes no open file
            self.close()
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Spooled:
    """A spool file that no living process holds."""

    path: Path
    job_id: str

    @property
    def locked(self) -> bool:
        """True where a process holds it again by now."""
        try:
            return _is_held(self.path)
        except FileNotFoundError:  # another process has delivered it meanwhile
            return False

    def report(self) -> wire.Report | None:
        """Its whole report, marked `delivered`; None where there is nothing that can be read."""
        report = _last_report(self.path)
        if report is not None:
            report.delivered = True
        return report

    def done(self) -> bool:
        """A desk has it, and the job is over: remove the file. False where a process holds it again by now."""
        return _remove(self.path)


def pending(folder: Path, *, now: float | None = None) -> Iterator[Spooled]:
    """The spool files of a state folder's `spool` that no process holds, oldest first; very old ones are removed."""
    moment = time.time() if now is None else now
    for path in sorted(folder.glob("*" + _SUFFIX)):
        try:
            age = moment - path.stat().st_mtime
            if _is_held(path):
                continue
        except OSError:
            continue  # gone, or another user's
        if age > KEEP_DAYS * 86400:
            _remove(path)
            continue
        yield Spooled(path, path.name[: -len(_SUFFIX)])


def holder_of(folder: Path, job_id: str) -> tuple[int | None, str | None]:
    """pid and host of the process that wrote to a job's file last, as far as it tells."""
    report = _last_report(folder / (job_id + _SUFFIX))
    return (None, None) if report is None else (report.pid, report.host)


def _is_held(path: Path) -> bool:
    fd = os.open(path, os.O_RDWR | _CLOEXEC)
    try:
        return not _try_lock(fd)
    finally:
        os.close(fd)


def _remove(path: Path) -> bool:
    """Unlink a file that no process holds, while holding it: whoever waits for its lock sees that it is gone."""
    try:
        fd = os.open(path, os.O_RDWR | _CLOEXEC)
    except FileNotFoundError:
        return True  # another process has delivered it meanwhile
    try:
        if not _try_lock(fd):
            return False
        if fcntl is not None:  # Windows removes no open file
            path.unlink(missing_ok=True)
            return True
    finally:
        os.close(fd)
    path.unlink(missing_ok=True)
    return True


def _try_lock(fd: int) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _last_report(path: Path) -> wire.Report | None:
    try:
        return _last_of(path.read_bytes())
    except OSError:
        return None


def _content(fd: int) -> bytes:
    """All of an open file, wherever it is being written."""
    with os.fdopen(os.dup(fd), "rb") as file:
        file.seek(0)
        return file.read()


def _ends_with_newline(fd: int) -> bool:
    if os.fstat(fd).st_size == 0:
        return True
    os.lseek(fd, -1, os.SEEK_END)
    return os.read(fd, 1) == b"\n"


def _last_of(content: bytes) -> wire.Report | None:
    for line in reversed(content.split(b"\n")):
        try:
            return wire.report_from(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # half a line of a full disk, or one of a newer version: the one before it still counts
    return None
