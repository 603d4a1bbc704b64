"""`include`: which files, in which folder, with which variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mixdesk_control.compose.long_form import items, table
from mixdesk_control.compose.marks import bare

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/")


@dataclass(frozen=True, slots=True)
class Include:
    """Files that are a project of their own within another one.

    folder     of that project; None: that of the first file
    env_files  None: `.env` in that folder
    """

    paths: tuple[str, ...]
    folder: str | None = None
    env_files: tuple[str, ...] | None = None

    @property
    def remote(self) -> str | None:
        """The first path that is no file of this host."""
        return next((path for path in self.paths if is_remote(path)), None)


def is_remote(path: str) -> bool:
    """Whether it is an address."""
    return _REMOTE.match(path) is not None


def includes(value: Any, resolve: Callable[[str], str]) -> Iterator[Include]:
    """Those of a file, in the short or the long form."""
    for item in items(bare(value)):
        long = table(item if isinstance(item, dict) else {"path": item})
        paths, folder, env_files = (_texts(long.get(key), resolve) for key in ("path", "project_directory", "env_file"))
        if paths:
            yield Include(paths, folder[0] if folder else None, env_files or None)


def _texts(value: Any, resolve: Callable[[str], str]) -> tuple[str, ...]:
    found = bare(value)
    return tuple(resolve(item) for item in (found if isinstance(found, list) else [found]) if isinstance(item, str))
