"""The state folder of one desk: permissions, lock, and `desk.json`, by which trainers and the CLI find the desk."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

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


def announce(folder: Path, running: Running) -> None:
    """Writes `desk.json`, mode 0600, whole or not at all."""
    temporary = folder / f"{FILE}.new"
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        json.dump(asdict(running), file)
    temporary.replace(folder / FILE)


def withdraw(folder: Path, pid: int) -> None:
    """Removes `desk.json`, if it is still that of this desk."""
    running = found(folder)
    if running is not None and running.pid == pid:
        with contextlib.suppress(OSError):
            (folder / FILE).unlink()


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
