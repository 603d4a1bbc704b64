"""Whether containers print to a terminal, which an engine says of each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.docker_engine.errors import EngineError, Gone

Value = TypeVar("Value")

AGAIN_S = 30.0
MOST_KNOWN = 10_000


class Terminals:
    """Of one engine; None where there is none. An engine that fails is left alone for AGAIN_S: it may hang."""

    def __init__(self, engine: Engine | None, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._monotonic = engine, monotonic
        self._known: dict[str, bool] = {}
        self._unknown: dict[str, float] = {}
        self._not_before = float("-inf")

    def of(self, container: str) -> bool | None:
        """Whether this one has a terminal; None where nobody says. Blocks."""
        if container not in self._known and self._may_ask(container):
            self._ask(container)
        return self._known.get(container)

    def _may_ask(self, container: str) -> bool:
        now = self._monotonic()
        return self._engine is not None and now >= max(self._not_before, self._unknown.get(container, self._not_before))

    def _ask(self, container: str) -> None:
        assert self._engine is not None
        try:
            with self._engine.link() as link:
                has_one = bool(link.inspect(container)["Config"]["Tty"])
        except (Gone, KeyError, TypeError):
            _put(self._unknown, container, self._monotonic() + AGAIN_S)
        except EngineError:
            self._not_before = self._monotonic() + AGAIN_S
        else:
            _put(self._known, container, has_one)


def _put(known: dict[str, Value], container: str, value: Value) -> None:
    while len(known) >= MOST_KNOWN:
        del known[next(iter(known))]
    known[container] = value
