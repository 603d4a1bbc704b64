"""Between a thread that may block and the loop that may not: a stream without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from mixdesk_control.docker_engine.engine import Stream
from mixdesk_control.docker_engine.errors import EngineError

T = TypeVar("T")

MOST = 1000  # items that wait for the loop; then the engine waits


def _tell(loop: asyncio.AbstractEventLoop, tell: Callable[..., object], *told: object) -> None:
    with suppress(RuntimeError):  # the loop is over: nobody waits
        loop.call_soon_threadsafe(tell, *told)


class Flow(Generic[T]):
    """One stream of the engine, read by a thread of its own into a list that is bounded and emptied by the loop.

    opening  opens the stream; blocks
    split    makes items of its pieces
    """

    def __init__(
        self, opening: Callable[[], Stream], split: Callable[[Iterable[bytes]], Iterator[Sequence[T]]], most: int = MOST
    ) -> None:
        self._opening, self._split, self._most = opening, split, most
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._change = threading.Condition()
        self._items: list[T] = []
        self._stream: Stream | None = None
        self._error: EngineError | None = None
        self._told = self._ended = self._closed = False
        self.thread = threading.Thread(target=self._run, name="mixdesk-docker-stream", daemon=True)

    async def batches(self) -> AsyncGenerator[Sequence[T]]:
        """What has come since the last batch, until the stream ends; an empty one first, once it is open.

        Raises EngineError where it cannot be opened.
        """
        opened = False
        self.thread.start()
        try:
            while True:
                await self._came.wait()
                batch, ended = self._take()
                if self._error is not None:
                    raise self._error
                if not opened:
                    opened = True
                    yield ()
                if batch:
                    yield batch
                if ended:
                    return
        finally:
            self.close()

    def close(self) -> None:
        """Ends the stream and, promptly, its thread."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._stream is not None:
            self._stream.interrupt()

    def _take(self) -> tuple[Sequence[T], bool]:
        with self._change:
            batch, self._items = self._items, []
            self._told = False
            self._came.clear()
            self._change.notify()
            return batch, self._ended

    # -- in the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._read()
        except EngineError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - handed to who asked: else it would look like the stream's end
            self._error = EngineError(f"what the Docker engine sends cannot be read: {error!r}")
        finally:
            with self._change:
                self._ended = True
                self._wake()

    def _read(self) -> None:
        stream = self._opening()
        try:
            self._stream = stream
            if self._put(()):
                for items in self._split(stream):
                    if not self._put(items):
                        return
        finally:
            stream.close()

    def _put(self, items: Sequence[T]) -> bool:
        """False where nobody wants more."""
        with self._change:
            while len(self._items) >= self._most and not self._closed:
                self._change.wait()
            self._items.extend(items)
            self._wake()
            return not self._closed

    def _wake(self) -> None:
        if not self._told:
            self._told = True
            _tell(self._loop, self._came.set)
