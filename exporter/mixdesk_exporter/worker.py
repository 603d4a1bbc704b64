"""Calls that may take for ever: one at a time, on a thread of their own, and nobody waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Generic, TypeVar

from mixdesk_exporter.errors import Hung

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Answer(Generic[R]):
    asked_at: float
    value: R | None
    error: Exception | None


@dataclass(slots=True)
class Worker(Generic[R]):
    """Asks `call` again and again, never a second time before the first has come back.

    What came back counts for `fresh_s` seconds from when it was asked for: a frozen value cannot stay.
    """

    name: str
    call: Callable[[], R]
    fresh_s: float = 1.5
    monotonic: Callable[[], float] = time.monotonic
    _then: Callable[[], None] = lambda: None
    _wanted: SimpleQueue[float | None] = field(default_factory=SimpleQueue)
    _back: threading.Event = field(default_factory=threading.Event)
    _out_since: float | None = None
    _answer: _Answer[R] | None = None
    _thread: threading.Thread | None = None

    @property
    def is_stale(self) -> bool:
        """Whether nothing that came back counts any more, and nothing is under way."""
        return self._out_since is None and (
            self._answer is None or self.monotonic() - self._answer.asked_at > self.fresh_s
        )

    def ask(self, patience_s: float) -> R:
        """The newest answer; waits at most `patience_s` for one, and not at all while an earlier call is out.

        Raises Hung where there is none that counts, and what the call raised.
        """
        now = self.monotonic()
        if self._out_since is None:
            self._send(now)
            self._back.wait(patience_s)
        answer = self._answer
        if answer is None or self.monotonic() - answer.asked_at > self.fresh_s:
            since = now if self._out_since is None else self._out_since
            raise Hung(f"{self.name} has not answered for {self.monotonic() - since:.1f} s")
        if answer.error is not None:
            raise answer.error
        assert answer.value is not None
        return answer.value

    def _send(self, now: float) -> None:
        self._out_since = now
        self._back.clear()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"mixdesk {self.name}", daemon=True)
            self._thread.start()
        self._wanted.put(now)

    def _run(self) -> None:
        while (asked_at := self._wanted.get()) is not None:
            try:
                self._answer = _Answer(asked_at, self.call(), None)
            except Exception as error:  # noqa: BLE001 - handed to who asked
                self._answer = _Answer(asked_at, None, error)
            self._out_since = None
            self._back.set()
        self._then()

    def close(self, then: Callable[[], None] = lambda: None) -> None:
        """The thread ends once its call comes back, and calls `then` last; nobody waits for it."""
        self._then = then
        if self._thread is None:
            then()
        else:
            self._wanted.put(None)
