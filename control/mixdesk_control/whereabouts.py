"""In which container a job runs, from what its trainer knows of itself: no right to trace processes is needed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from mixdesk_exporter.processes import Identity, identify, start_of

EVERY_S = 5.0
AGAIN_S = 60.0  # whose trainer is alive is found at once: one that was not found has most likely ended

InnerKey = tuple[int, int]
"""Pid in its own namespace, and start ticks."""


def on_a_thread(work: Callable[[], None]) -> None:
    """A slow /proc holds up nobody."""
    threading.Thread(target=work, name="whereabouts", daemon=True).start()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a process is: its pid on this host, and its container's full id, '' where it is in none."""

    pid: int
    container: str


class Whereabouts:
    """Finds processes of this host by what they call themselves, and remembers them while they live.

    For the event loop alone. All of /proc is read only while there is a process that was not found where it would be
    without a namespace of its own, on another thread, once in five seconds at most; whom that does not find is sought
    again after a minute. What it finds is known at the next question.
    """

    def __init__(
        self,
        procfs: Path = Path("/proc"),
        monotonic: Callable[[], float] = time.monotonic,
        aside: Callable[[Callable[[], None]], None] = on_a_thread,
    ) -> None:
        self._procfs = procfs
        self._monotonic = monotonic
        self._aside = aside
        self._known: dict[InnerKey, _Place] = {}
        self._missed: dict[InnerKey, float] = {}
        self._found: dict[InnerKey, _Place] | None = None
        self._is_searching = False
        self._searched_at = float("-inf")

    def containers(self, wanted: Iterable[InnerKey], silent: Collection[InnerKey] = ()) -> dict[InnerKey, str]:
        """{process: full id of its container} of those that live in one. No search is made for the `silent` ones."""
        keys = set(wanted)
        self._take_found()
        self._known = {key: place for key, place in self._known.items() if key in keys and self._lives(key, place)}
        for key in keys - self._known.keys():
            self._known |= _look(self._procfs, key[0], {key})
        missing = keys - self._known.keys() - set(silent)
        self._missed = {key: at for key, at in self._missed.items() if key in missing}
        if self._is_due(missing):
            self._search(missing)
        return {key: place.container for key, place in self._known.items() if place.container}

    def _lives(self, key: InnerKey, place: _Place) -> bool:
        return not place.container or start_of(self._procfs, place.pid) == key[1]

    def _is_due(self, missing: Collection[InnerKey]) -> bool:
        now = self._monotonic()
        if self._is_searching or now - self._searched_at < EVERY_S:
            return False
        return any(now - self._missed.get(key, float("-inf")) >= AGAIN_S for key in missing)

    def _search(self, missing: set[InnerKey]) -> None:
        self._is_searching, self._searched_at = True, self._monotonic()
        self._missed = dict.fromkeys(missing, self._searched_at)

        def work() -> None:
            found: dict[InnerKey, _Place] = {}
            try:
                found = _search_all(self._procfs, missing)
            finally:
                self._found = found

        self._aside(work)

    def _take_found(self) -> None:
        if self._found is not None:
            self._known |= self._found
            self._found, self._is_searching = None, False


def _search_all(procfs: Path, missing: Collection[InnerKey]) -> dict[InnerKey, _Place]:
    try:
        names = os.listdir(procfs)  # noqa: PTH208 - thousands of Path objects for a few numbers
    except OSError:
        return {}
    found: dict[InnerKey, _Place] = {}
    for name in names:
        if name.isdigit():
            found |= _look(procfs, int(name), missing)
    return found


def _look(procfs: Path, pid: int, wanted: Collection[InnerKey]) -> dict[InnerKey, _Place]:
    """That process, if it is one of those wanted."""
    identity = identify(procfs, pid)
    key = _key(identity)
    return {key: _Place(pid, identity.container or "")} if key in wanted else {}


def _key(found: Identity) -> InnerKey:
    return found.inner_pid or 0, found.start_ticks or 0
