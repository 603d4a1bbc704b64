"""What a runner writes down for whoever looks after the asset: who it is, what runs, how it ended."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from typing import Any

from mixdesk_control.assets.runner import files, tree

LOCK_TRIES, LOCK_EVERY_S = 40, 0.05
WRITE_TRIES, WRITE_EVERY_S = 20, 0.25
MOST_WORDS = 500


class Taken(Exception):
    """Another runner is at work in this folder."""


class Journal:
    """The files of one run in the asset's folder."""

    def __init__(self, folder: str, spec: dict[str, Any]) -> None:
        self._folder, self._spec = folder, spec
        self._procfs: str = spec["procfs"]
        self._run: dict[str, Any] = {}

    def path(self, name: str) -> str:
        """Of one of its files."""
        return f"{self._folder}/{name}"

    def open(self) -> None:
        """Takes the lock, which it keeps as long as it lives, and makes room. Raises Taken and OSError."""
        own = tree.read_stat(self._procfs, "self")
        if own is None:
            raise FileNotFoundError(errno.ENOENT, "shows no processes", self._procfs)
        self._own = own
        self._lock()
        for name in (files.RUN, files.STOP):
            files.remove(self.path(name))
        files.reserve(self.path(files.SPARE))

    def _lock(self) -> None:
        """Who the runner is stands in the file, for the day on which nobody can read the run's record."""
        held = os.open(self.path(files.LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for left in reversed(range(LOCK_TRIES)):
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not left:
                    raise Taken from error
            time.sleep(LOCK_EVERY_S)  # it may be on its way out
        os.ftruncate(held, 0)
        os.pwrite(held, f"{self._own.pid} {self._own.start} {tree.boot_id(self._procfs)}\n".encode(), 0)

    def begin(self, pid: int, output_from: int) -> None:
        """Before the program runs in that process: none of it is ever without a record. Raises OSError."""
        child = tree.read_stat(self._procfs, pid)
        if child is None:
            raise ChildProcessError(errno.ECHILD, "its process was killed at once")
        self._run = {
            "instance": self._spec["instance"],
            "boot_id": tree.boot_id(self._procfs),
            "runner": self._own.identity,
            "child": child.identity,
            "started_at": time.time(),
            "argv": self._spec["argv"],
            "output_from": output_from,
        }
        files.write(self.path(files.RUN), self._run)

    def note(self, name: str, value: int) -> None:
        """One more thing about the run. Where it cannot be written, the record says less than it could."""
        if self._run.get(name) == value:
            return
        self._run[name] = value
        try:
            files.write(self.path(files.RUN), self._run)
        except OSError:
            pass

    def never_began(self, error: str) -> None:
        """Why the program could not be run."""
        self.end(None, error=error)
        files.remove(self.path(files.RUN))

    def end(self, code: int | None, *, oom: bool = False, asked: bool = False, error: str | None = None) -> None:
        """How the run ended. What is wrong with the disk may pass, and an exit status is worth some seconds."""
        ended = {
            "instance": self._spec["instance"],
            "code": code,
            "ended_at": time.time(),
            "oom": oom,
            "asked": asked,
            "error": None if error is None else error[:MOST_WORDS],
        }
        for _ in range(WRITE_TRIES):
            try:
                files.write_reserved(self.path(files.SPARE), self.path(files.EXIT), ended)
            except OSError:
                time.sleep(WRITE_EVERY_S)
            else:
                return

    def grace(self) -> float:
        """Seconds: what the desk wrote down for this stop, else what the registry said at the start."""
        try:
            asked = files.read(self.path(files.STOP)) or {}
            if asked.get("instance") == self._spec["instance"]:
                return float(asked["grace_s"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return float(self._spec["grace_s"])
