"""The engine's containers, asked so that an engine that hangs or dies holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mixdesk_control.docker_engine.engine import Engine, Link, Listed
from mixdesk_control.docker_engine.errors import EngineError, Gone
from mixdesk_control.logs.discovery.containers import Container, container
from mixdesk_control.logs.discovery.mounts import verified
from mixdesk_control.logs.places.root import PROC, belongs, started

WAIT_S = 1.0
"""The longest that a caller waits."""

FIRST_WAIT_S = 5.0
"""The same while nothing is known yet: then each container is asked for."""

KEEP_S = 600.0
"""So long the last answer counts while none comes."""

PAUSE_S = 2.0  # before it is asked again after a failure
UNSEEN_S = 5.0  # so old may be what was said of a container whose process cannot be seen from here


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine has said last.

    trouble  why that is not of now; None where it is
    """

    containers: tuple[Container, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class _Inspected:
    of: Hashable
    container: Container
    at: float


class Asking:
    """Of one engine; `look` from one thread at a time."""

    def __init__(self, engine: Engine, *, procfs: Path = PROC, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.engine = engine
        self._procfs, self._monotonic = procfs, monotonic
        self._asker: threading.Thread | None = None
        self._link: Link | None = None
        self._cached: dict[str, _Inspected] = {}
        self._seen, self._seen_at = Seen(trouble="the Docker engine has not been asked"), float("-inf")
        self._not_before = float("-inf")

    def look(self, wait_s: float | None = None) -> Seen:
        """What it says; what it said last where it does not answer in time. Blocks no longer than `wait_s`."""
        if wait_s is None:
            wait_s = WAIT_S if self._seen.containers else FIRST_WAIT_S
        if self._asker is None and self._monotonic() >= self._not_before:
            self._asker = threading.Thread(target=self._ask, name="mixdesk-logs-engine", daemon=True)
            self._asker.start()
        if self._asker is not None:
            self._asker.join(wait_s)
            if self._asker.is_alive():
                return self._stale(f"{self.engine.shown}: the Docker engine does not answer in time")
            self._asker = None
        return self._seen if self._seen.trouble is None else self._stale(self._seen.trouble)

    def close(self) -> None:
        """Lets go of the connection. A question that hangs is left to its own time-out."""
        if self._asker is None or not self._asker.is_alive():
            self._drop()

    def _stale(self, trouble: str) -> Seen:
        is_known = self._monotonic() - self._seen_at < KEEP_S
        return Seen(self._seen.containers if is_known else (), trouble)

    # -- in the thread -------------------------------------------------------------------------------

    def _ask(self) -> None:
        try:
            self._seen = Seen(tuple(self._containers()))
            self._seen_at = self._monotonic()
        except Exception as error:  # noqa: BLE001 - the edge of a thread: an answer in a shape that nobody foresaw
            self._drop()
            said = (
                str(error)
                if isinstance(error, EngineError)
                else f"{self.engine.shown}: {type(error).__name__}: {error}"
            )
            self._seen = replace(self._seen, trouble=said)
            self._not_before = self._monotonic() + PAUSE_S

    def _drop(self) -> None:
        if self._link is not None:
            with suppress(OSError):
                self._link.close()
            self._link = None

    def _containers(self) -> list[Container]:
        if self._link is None:
            self._link = self.engine.link()
        listed = self._link.containers()
        there = {one.id for one in listed}
        self._cached = {identity: kept for identity, kept in self._cached.items() if identity in there}
        found = (self._container(self._link, one) for one in listed)
        return [one for one in found if one is not None]

    def _container(self, link: Link, listed: Listed) -> Container | None:
        of = (listed.names, listed.state)
        kept = self._cached.get(listed.id)
        if kept is not None and kept.of == of and self._is_current(kept):
            return kept.container
        try:
            found = container(link.inspect(listed.id))
        except Gone:
            return None
        if found.pid and belongs(found.pid, found.id, self._procfs):
            found = verified(replace(found, ticks=started(found.pid, self._procfs)), self._procfs)
        of = (listed.names, found.state)  # not as it was listed: it may have stopped in between, and start again
        self._cached[listed.id] = _Inspected(of, found, self._monotonic())
        return found

    def _is_current(self, kept: _Inspected) -> bool:
        """Whether its process is still the same one: a restart may end between two looks."""
        one = kept.container
        if not one.runs:
            return True
        if one.ticks is None:
            return self._monotonic() - kept.at < UNSEEN_S
        return started(one.pid, self._procfs) == one.ticks
