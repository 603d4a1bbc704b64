"""Locks that end with the process that holds them: a folder's for the time of a save, a run's for its whole time."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

from mixdesk.checkpoints import naming
from mixdesk.checkpoints.files import make_folder
from mixdesk.checkpoints.manifest import timestamp
from mixdesk.errors import Busy, CheckpointError

FOLDER_LOCK = ".mixdesk.lock"
_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
_held: set[_Handle] = set()
_fork_watched = False
_without_locks = threading.Lock()  # what keeps the threads of one process apart where the file system has no locks

TryLock = Callable[[int], bool | None]


class _Handle:
    """An open lock file. A forked child closes its copy, or the lock would outlive the process that took it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        _watch_forks()
        _held.add(self)

    def close(self) -> None:
        fd, self.fd = self.fd, -1
        _held.discard(self)
        if fd >= 0:
            os.close(fd)


class Claim:
    """The right to be the one open run of a folder, name and version, until `release` or the process ends."""

    def __init__(self, path: Path, handle: _Handle | None) -> None:
        self.path = path
        self._handle = handle
        self._pid = os.getpid()

    @property
    def held(self) -> bool:
        """Whether this process still holds it; false in a forked child."""
        return self._pid == os.getpid() and (self._handle is None or self._handle.fd >= 0)

    def release(self) -> None:
        """Give it up and remove the lock file; a second call and a forked child's do nothing."""
        if not self.held:
            return
        self._pid = -1
        if sys.platform != "win32":  # there an open file cannot be removed: it stays, unlocked
            with contextlib.suppress(OSError):  # a lock file that is left behind does no harm
                self.path.unlink()
        if self._handle is not None:
            self._handle.close()

    def __enter__(self) -> Claim:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def try_lock(fd: int) -> bool | None:
    """Lock an open file if nobody else has: True, False where another holds it, None where locks do not work."""
    try:
        _lock_now(fd)
    except OSError as error:
        return None if error.errno in _UNSUPPORTED else _raise_unless_held(error)
    return True


@contextlib.contextmanager
def folder_lock(folder: Path, *, timeout: float = 120.0, lock: TryLock = try_lock) -> Iterator[bool]:
    """Hold a folder's lock; yields whether it is real. CheckpointError where it stays taken for `timeout` seconds.

    False means that the file system has no locks: the threads of this process are kept apart, other processes not.
    """
    path = folder / FOLDER_LOCK
    handle = _Handle(_open(path))
    try:
        if _wait(handle.fd, path, timeout, lock):
            _write_holder(handle.fd, {})
            yield True
        else:
            with _without_locks:
                yield False
    finally:
        handle.close()


def claim(folder: str | Path, name: str, version: str, job_id: str | None = None, *, lock: TryLock = try_lock) -> Claim:
    """Become the one open run of this folder, name and version; mixdesk.Busy with pid and host where there is one.

    A dead holder's lock is free. Forked children do not hold it.
    """
    folder = Path(folder).absolute()
    make_folder(folder)
    path = folder / f".{naming.escape(name, 60)}.{naming.short_hash(name + chr(0) + version, 16)}.lock"
    note = {"name": name, "version": version, "job_id": job_id}
    while True:
        handle = _Handle(_open(path))
        got = lock(handle.fd)
        if got and _is_same(handle.fd, path):
            _write_holder(handle.fd, note)
            return Claim(path, handle)
        handle.close()
        if got is False:
            raise _busy(path, name, version)
        if got is None:
            return _claim_by_content(path, name, version, note)


def holder(path: Path) -> dict[str, Any]:
    """What the holder of a lock wrote into it: pid, host, since; empty where nothing can be read."""
    for _ in range(5):  # it may have taken the lock and not have written yet
        with contextlib.suppress(OSError, ValueError):
            note = json.loads(path.read_bytes())
            if isinstance(note, dict):
                return note
        time.sleep(0.02)
    return {}


def is_alive(pid: int) -> bool:
    """Whether a process of this host may be alive; Windows cannot tell without harming it: True there."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _wait(fd: int, path: Path, timeout: float, lock: TryLock) -> bool:
    deadline, pause = time.monotonic() + timeout, 0.005
    while (got := lock(fd)) is False:
        if time.monotonic() > deadline:
            note = holder(path)
            raise CheckpointError(
                f"{path.parent} has been locked for {timeout:g} s by another save "
                f"(process {note.get('pid', 'unknown')} on {note.get('host', 'unknown')}); is that process stopped?"
            )
        time.sleep(pause)
        pause = min(pause * 2, 0.1)
    return bool(got)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags, 0o666)
    except PermissionError:
        if sys.platform == "win32" or not path.exists():
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)  # another user's: it can still be locked


def _lock_now(fd: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(fd, 1 << 30, os.SEEK_SET)  # a byte far behind the note, which stays readable
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _raise_unless_held(error: OSError) -> bool:
    if error.errno in (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK):
        return False
    raise error


def _is_same(fd: int, path: Path) -> bool:
    """Whether the open file still has its name: its last holder may have removed it before this process locked it."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


def _write_holder(fd: int, note: dict[str, Any]) -> None:
    since = timestamp(datetime.now(timezone.utc))
    text = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since, **note}).encode()
    with contextlib.suppress(OSError):  # the lock holds without it: it only tells others who has it
        os.ftruncate(fd, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.write(fd, text + b"\n")


def _claim_by_content(path: Path, name: str, version: str, note: dict[str, Any]) -> Claim:
    """The same without locks: a file that names a live process of this host, or any of another, is taken."""
    known = holder(path)
    same_host = known.get("host") == socket.gethostname()
    pid = known.get("pid")
    if isinstance(pid, int) and (not same_host or is_alive(pid)):
        raise _busy(path, name, version, f"; if that run is gone, delete {path}")
    fd = _open(path)
    try:
        _write_holder(fd, note)
    finally:
        os.close(fd)
    return Claim(path, None)


def _busy(path: Path, name: str, version: str, advice: str = "") -> Busy:
    note = holder(path)
    pid, host = note.get("pid"), note.get("host")
    return Busy(
        f"{name} {version} is already open in {path.parent}: process {pid if pid is not None else 'unknown'} "
        f"on {host or 'an unknown host'} has it{advice}",
        pid=pid if isinstance(pid, int) else None,
        host=host if isinstance(host, str) else None,
    )


def _watch_forks() -> None:
    global _fork_watched
    if not _fork_watched and hasattr(os, "register_at_fork"):
        _fork_watched = True
        os.register_at_fork(after_in_child=_let_go)


def _let_go() -> None:
    global _without_locks
    for handle in list(_held):
        handle.close()
    _without_locks = threading.Lock()  # a thread that is not in this child may have held it
