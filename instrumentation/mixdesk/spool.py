"""One file a job: its last reports, on disk until a desk has them; the hand-over between processes.

Each line is a whole report as JSON, appended with one write and no fsync at every phase edge, saved checkpoint
and end, so that a SIGKILL loses none. The last line that can be read is the state of the job.

The process that runs the job holds the file's lock; without a holder the file may be delivered by anyone
who may read it (mode 0600), or taken over by the process that goes on with the job.
"""

from __future__ import annotations

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
_SUFFIX = ".jsonl"


def folder_in(state_dir: Path) -> Path:
    """Where spool files stand in a state folder."""
    return state_dir / "spool"


class Spool:
    """The spool file of one job, open and locked by the process that runs it."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd

    @classmethod
    def open(cls, folder: Path, job_id: str, *, wait_s: float = 0.0) -> Spool | None:
        """Open and lock the file of a job; None where another process holds it for longer than `wait_s`.

        Raises OSError where the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / (job_id + _SUFFIX)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        spool = cls(path, fd)
        if spool.lock(wait_s):
            return spool
        spool.close()
        return None

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
        """Add one report in one write: whole, or not at all, whatever kills the process."""
        os.write(self._fd, wire.encode(report) + b"\n")

    def report(self) -> wire.Report | None:
        """The state of the job that the file holds."""
        return _last_report(self.path)

    def close(self) -> None:
        """Close the file, which gives up the lock; it stays for whoever delivers it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def discard(self) -> None:
        """Remove the file: a desk has all of it."""
        self.path.unlink(missing_ok=True)
        self.close()


@dataclass(frozen=True)
class Spooled:
    """A spool file that no living process holds."""

    path: Path
    job_id: str

    @property
    def locked(self) -> bool:
        """True where a process holds it again by now."""
        return _is_held(self.path)

    def report(self) -> wire.Report | None:
        """Its whole report, marked `delivered`; None where there is nothing that can be read."""
        report = _last_report(self.path)
        if report is not None:
            report.delivered = True
        return report

    def done(self) -> None:
        """A desk has it, and the job is over: remove the file."""
        self.path.unlink(missing_ok=True)


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
            path.unlink(missing_ok=True)
            continue
        yield Spooled(path, path.name[: -len(_SUFFIX)])


def _is_held(path: Path) -> bool:
    fd = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        return not _try_lock(fd)
    finally:
        os.close(fd)


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
        lines = path.read_bytes().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        try:
            return wire.report_from(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # half a line of a full disk, or one of a newer version: the one before it still counts
    return None
