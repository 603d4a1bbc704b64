"""A project as the compose program reads it where there is one, else as we do; anew only once its files change."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from mixdesk_control.compose import files as disk
from mixdesk_control.compose import program
from mixdesk_control.compose.environment import Spent
from mixdesk_control.compose.errors import ComposeError, TooMuchError, UnansweredError
from mixdesk_control.compose.model import Project
from mixdesk_control.compose.reading import Reading

Ask = Callable[[Sequence[Path], Mapping[str, str]], Project]
Stamps = Mapping[Path, disk.Stamp]


def project(files: Sequence[Path], env: Mapping[str, str] | None = None) -> Project:
    """The project of these files; one of its notes says who read it. It may be asked often. Raises ComposeError."""
    given = None if env is None else tuple(sorted(env.items()))
    return _project_files(tuple(file.absolute() for file in files), given).project()


@lru_cache(maxsize=8)
def _project_files(files: tuple[Path, ...], env: tuple[tuple[str, str], ...] | None) -> ProjectFiles:
    return ProjectFiles(files, None if env is None else dict(env))


class ProjectFiles:
    """Compose files, with what was last read from them and from all that they extend and include."""

    def __init__(self, files: Sequence[Path], env: Mapping[str, str] | None = None, ask: Ask = program.ask) -> None:
        self._files = [file.absolute() for file in files]
        self._env = os.environ if env is None else env
        self._ask = ask
        self._lock = threading.Lock()
        self._known: Project | ComposeError | None = None
        self._stamps: Stamps = {}

    def project(self) -> Project:
        """From threads. Raises ComposeError, the same one until a file changes."""
        with self._lock:
            if self._known is None or any(disk.stamp(file) != stamp for file, stamp in self._stamps.items()):
                self._known = self._read()
            if isinstance(self._known, ComposeError):
                raise self._known.with_traceback(None)
            return self._known

    def _read(self) -> Project | ComposeError:
        """Our own reading comes first: it is bounded, and tells which variables and files there are."""
        reading = Reading(self._files, self._env)
        own = _own(reading)
        self._stamps = reading.spent.files
        if isinstance(own, TooMuchError) or reading.remote:
            return own
        try:
            asked = self._ask(self._files, self._needed(reading.spent))
        except UnansweredError as error:
            return own if isinstance(own, ComposeError) else _noted(own, f"read by Mixdesk itself: {error}")
        return _noted(asked, "read by the compose program", *reading.spent.said())

    def _needed(self, spent: Spent) -> dict[str, str]:
        """Variables that the files name, and those that the program needs to start."""
        return {name: self._env[name] for name in (*program.NEEDED, *spent.asked) if name in self._env}


def _own(reading: Reading) -> Project | ComposeError:
    try:
        return reading.project()
    except ComposeError as error:
        return error


def _noted(project: Project, *notes: str) -> Project:
    return replace(project, notes=(*notes, *project.notes))
