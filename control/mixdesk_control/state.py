"""The state folder of one desk: permissions, lock, and `desk.json`, by which trainers and the CLI find the desk."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from mixdesk.locate import witness

FILE, LOCK = "desk.json", "desk.lock"


class StateError(Exception):
    """The state folder cannot be used; the message is one line."""


class HeldError(StateError):
    """Another desk holds the folder."""

    def __init__(self, folder: Path, pid: int | None, port: int | None = None) -> None:
        who = f"the desk with pid {pid}" if pid else "another desk"
        where = f" on port {port}" if port else ""
        super().__init__(f"{who}{where} holds {folder}: stop it, or set MIXDESK_STATE_DIR to another folder")
        self.folder, self.pid = folder, pid


@dataclass(frozen=True, slots=True)
class Running:
    """What `desk.json` says: `started_at` in seconds since the epoch, `port` as bound."""

    url: str
    version: str
    pid: int
    started_at: float
    port: int = 0


def prepare(folder: Path) -> Path:
    """Makes the folder, readable by its owner alone. Raises StateError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.geteuid():
            folder.chmod(0o700)
    except OSError as error:
        msg = f"state folder {folder} cannot be made: {error.strerror}; set MIXDESK_STATE_DIR to another one"
        raise StateError(msg) from error
    return folder


class Lock:
    """Held as long as the desk lives; the kernel lets go of it however the process ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = f"{self._path} cannot be opened: {error.strerror}"
            raise StateError(msg) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = _pid_in(self._path)
            os.close(self._fd)
            raise HeldError(folder, pid) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Lets go; the file stays, because removing it would let two desks hold two files of one name."""
        os.close(self._fd)


def _pid_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


class Announcement:
    """`desk.json`, mode 0600, whole or not at all, and locked while its desk listens.

    Readers believe it only while the lock is held (`mixdesk.locate.witness`): whoever takes the port of a desk that
    was killed is sent no token. The lock is taken before anybody can see the file, so that no reader is in its way.

    To be made after the sockets that listen: of a process that is killed, Linux lets go of the files that were opened
    last first, so the lock is gone before the port is anybody's.
    """

    def __init__(self, folder: Path) -> None:
        """Makes and locks the file under another name. Raises StateError."""
        self._path, self._new = folder / FILE, folder / f"{FILE}.new"
        with self._or_say_why():
            self._new.unlink(missing_ok=True)
            self._fd = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with contextlib.suppress(OSError):  # a file system without locks: readers cannot ask for one either
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def publish(self, running: Running) -> None:
        """The desk answers: trainers and commands find it from here on. Raises StateError, and leaves nothing then."""
        content = json.dumps(asdict(running)).encode()
        try:
            with self._or_say_why():
                if os.write(self._fd, content) < len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                self._new.replace(self._path)
        except StateError:
            self.withdraw()
            raise

    def withdraw(self) -> None:
        """Remove it, if it is still that of this desk; to be called before the port is given up."""
        if self._fd < 0:
            return
        for path in (self._new, self._path):
            with contextlib.suppress(OSError):
                if os.path.samestat(path.stat(), os.fstat(self._fd)):
                    path.unlink()
        os.close(self._fd)
        self._fd = -1

    @contextlib.contextmanager
    def _or_say_why(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(f"{self._path} cannot be written: {error.strerror}") from error


def living(folder: Path) -> Running | None:
    """What `desk.json` says, None where the desk that wrote it is gone too."""
    return found(folder) if witness(folder / FILE) is not None else None


def found(folder: Path) -> Running | None:
    """What `desk.json` says, None where there is none or it makes no sense."""
    try:
        values = json.loads((folder / FILE).read_text())
        return Running(
            url=str(values["url"]),
            version=str(values["version"]),
            pid=int(values["pid"]),
            started_at=float(values["started_at"]),
            port=int(values.get("port", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
