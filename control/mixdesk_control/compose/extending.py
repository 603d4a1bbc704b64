"""Services over those that they extend, in the same file or in another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mixdesk_control.compose.errors import ComposeError, TooMuchError
from mixdesk_control.compose.long_form import table
from mixdesk_control.compose.marks import RESET, Override, bare, through
from mixdesk_control.compose.merging import merged, unmarked

MOST_EXTENDED = 8

Table = dict[str, Any]


class Scope:
    """The services of one file, each brought into the long form when it is asked for.

    folder  where paths to other files count from
    """

    def __init__(self, file: Path, folder: Path, services: Mapping[str, Any], form: Callable[[Any], Any]) -> None:
        self.file = file
        self.folder = folder
        self._services = services
        self._form = form
        self._known: dict[str, Any] = {}

    def service(self, name: str) -> Any:
        """A service, marked or not. Raises ComposeError."""
        if name not in self._known:
            if name not in self._services:
                raise ComposeError(f"{self.file}: a service extends {name!r}, which is not there")
            self._known[name] = through(self._services[name], self._form)
        return self._known[name]


Other = Callable[[Path], Scope]
"""The services of another file."""


def extended(scope: Scope, name: str, other: Other, left: int = MOST_EXTENDED) -> Any:
    """A service with all that it extends below it. Its own marks stay, for what an earlier file says of it.

    Raises ComposeError.
    """
    found = scope.service(name)
    own = table(bare(found))
    wanted = table(bare(own.get("extends")))
    base = wanted.get("service")
    if found is RESET or not isinstance(base, str):
        return found
    if left == 0:
        raise TooMuchError(f"{scope.file}: {name!r} extends in a circle, or over more than {MOST_EXTENDED} services")
    file = wanted.get("file")
    below = scope if not isinstance(file, str) else other(_path(scope, file))
    whole = _over(unmarked(extended(below, base, other, left - 1)), own)
    return Override(whole) if isinstance(found, Override) else whole


def _path(scope: Scope, file: str) -> Path:
    return scope.folder / file


def _over(base: Any, own: Mapping[str, Any]) -> Table:
    """Rules of merging go by where a service stands: below `services` and its name."""
    whole = merged(table(base), own, ("services", ""))
    whole.pop("extends", None)
    return whole
