"""Blocking calls beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")


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

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future


def _settle(future: asyncio.Future[Any], settle: Callable[[Any], None], value: object) -> None:
    def unless_done() -> None:
        if not future.done():
            settle(value)

    with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits
        future.get_loop().call_soon_threadsafe(unless_done)


class Pump(Generic[Item]):
    """What an iterator that blocks gives, for the event loop: it runs on a daemon thread of its own from end to end.

    make   makes the iterator, in that thread; what it is given tells whether nobody wants more
    most   items that wait for the loop; then the iterator waits
    """

    def __init__(self, make: Callable[[Callable[[], bool]], Iterator[Item]], name: str, most: int = 64) -> None:
        self._make, self._most = make, most
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._change = threading.Condition()
        self._items: list[Item] = []
        self._error: Exception | None = None
        self._ended = self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def batches(self) -> AsyncGenerator[list[Item]]:
        """Items in their order, as many as there are at once. Raises what the iterator raises."""
        self._thread.start()
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
            with self._change:
                self._closed = True
                self._change.notify()

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
            self._wake()

    def _put(self, item: Item) -> bool:
        with self._change:
            while len(self._items) >= self._most and not self._closed:
                self._change.wait()
            self._items.append(item)
        self._wake()
        return not self._closed

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is over: nobody waits
            self._loop.call_soon_threadsafe(self._came.set)
