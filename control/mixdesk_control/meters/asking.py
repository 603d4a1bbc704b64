"""Calls that may take for ever: one at a time on a daemon thread, so that neither loop nor end waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Call(Generic[Answer]):
    """What is called, and who waits for it on which loop."""

    call: Callable[[], Answer]
    future: asyncio.Future[Answer]

    def run(self) -> None:
        """On the thread."""
        try:
            answer = self.call()
        except Exception as error:  # noqa: BLE001 - handed to who asked
            self._settle(self._failed, error)
        else:
            self._settle(self._answered, answer)

    def _answered(self, answer: Answer) -> None:
        if not self.future.done():
            self.future.set_result(answer)

    def _failed(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    def _settle(self, settle: Callable[..., None], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits
            self.future.get_loop().call_soon_threadsafe(settle, value)


class Asker(Generic[Answer]):
    """One thread. An executor's would be waited for when the process ends."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._wanted: SimpleQueue[_Call[Answer] | None] = SimpleQueue()
        self._then: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    def ask(self, call: Callable[[], Answer]) -> asyncio.Future[Answer]:
        """What the call gives or raises."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._wanted.put(_Call(call, future))
        return future

    def _run(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            wanted.run()
        self._then()

    def close(self, then: Callable[[], None], wait_s: float = 1.0) -> None:
        """Calls `then` once nothing is under way; a call that hangs is waited for `wait_s` seconds at most."""
        if self._thread is None:
            then()
            return
        self._then = then
        self._wanted.put(None)
        self._thread.join(wait_s)
