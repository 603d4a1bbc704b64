"""Blocking calls beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")

END_S = 2.0

_going: set[threading.Thread] = set()

log = logging.getLogger(__name__)


def _start(run: Callable[[], None], name: str) -> None:
    def noted() -> None:
        _going.add(threading.current_thread())
        try:
            run()
        finally:
            _going.discard(threading.current_thread())

    threading.Thread(target=noted, name=name, daemon=True).start()


def unended(within_s: float = END_S) -> list[str]:
    """Waits so long for all threads that were started here; the names of those that go on all the same."""
    end = time.monotonic() + within_s
    for thread in list(_going):
        thread.join(max(end - time.monotonic(), 0.0))
    return sorted(thread.name for thread in list(_going) if thread.is_alive())


def leave_if_any_hangs() -> None:
    """Ends the process with 0 where threads go on; to be called last.

    Python ends a thread inside C++ in a way that aborts the whole process.
    """
    if not (names := unended()):
        return
    log.warning("what still runs is left: %s", ", ".join(names))
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def in_thread(call: Callable[[], Result], name: str) -> Result:
    """What a blocking call returns or raises, made on a daemon thread of its own.

    One that hangs holds up neither other calls nor the end of the process, as it would in the loop's executor.
    Who is cancelled meanwhile leaves it running: make it end by other means.
    """
    future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

    def run() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - handed to who asked
            _settle(future, future.set_exception, error)
        else:
            _settle(future, future.set_result, result)

    _start(run, name)
    return await future


def _settle(future: asyncio.Future[Any], settle: Callable[[Any], None], value: object) -> None:
    def unless_done() -> None:
        if not future.done():
            settle(value)

    with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits
        future.get_loop().call_soon_threadsafe(unless_done)


class Pump(Generic[Item]):
    """What an iterator that blocks gives, for the event loop: it runs on a daemon thread of its own from end to end.

    make        makes the iterator, in that thread; what it is given tells whether nobody wants more
    most        items that wait for the loop; then the iterator waits
    patience_s  how long it waits; then it ends, and `was_late` is set. None: without end

    `on_end` may be set before it begins: it is called on the loop when the thread ends.
    """

    def __init__(
        self,
        make: Callable[[Callable[[], bool]], Iterator[Item]],
        name: str,
        most: int = 64,
        *,
        patience_s: float | None = None,
    ) -> None:
        self._make, self._name, self._most, self._patience_s = make, name, most, patience_s
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._change = threading.Condition()
        self._items: list[Item] = []
        self._error: Exception | None = None
        self._ended = self._closed = False
        self.was_late = False
        self.on_end: Callable[[], None] = _nothing

    def close(self) -> None:
        """Nobody wants more: the iterator ends at its next item, or when it asks. From any thread."""
        with self._change:
            self._closed = True
            self._change.notify()

    async def batches(self) -> AsyncGenerator[list[Item]]:
        """Items in their order, as many as there are at once. Raises what the iterator raises."""
        _start(self._run, self._name)
        try:
            while True:
                await self._came.wait()
                batch, ended = self._take()
                if batch:
                    yield batch
                if ended:
                    break
            if self._error is not None:
                raise self._error
        finally:
            self.close()

    def _take(self) -> tuple[list[Item], bool]:
        with self._change:
            batch, self._items = self._items, []
            self._came.clear()
            self._change.notify()
            return batch, self._ended

    # -- in the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            items = self._make(lambda: self._closed)
            try:
                for item in items:
                    if not self._put(item):
                        break
            finally:
                if isinstance(items, Generator):
                    items.close()
        except Exception as error:  # noqa: BLE001 - handed to who asked
            self._error = error
        finally:
            self._ended = True
            self._tell(self._came.set)
            self._tell(self.on_end)

    def _put(self, item: Item) -> bool:
        """Whether more is wanted."""
        with self._change:
            if not self._change.wait_for(self._has_room, self._patience_s):
                self.was_late = self._closed = True
            if self._closed:
                return False
            self._items.append(item)
        self._tell(self._came.set)
        return True

    def _has_room(self) -> bool:
        return len(self._items) < self._most or self._closed

    def _tell(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits
            self._loop.call_soon_threadsafe(what)


def _nothing() -> None:
    return None
