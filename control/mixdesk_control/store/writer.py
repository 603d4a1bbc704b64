"""The one thread that writes: it takes whatever waits and commits it together, in the order it came.

One fsync then serves many requests, and a flush of telemetry can never overtake an intent that was
handed in before it.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from mixdesk_control.store.errors import StoreError

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[Connection], T]

MAX_BATCH = 256


@dataclass(slots=True)
class _Task:
    """One piece of work and who waits for it: a future of a loop, of a thread, or nobody."""

    fn: Work[Any]
    waiter: asyncio.Future[Any] | Future[Any] | None
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Owns the writing connection. Every method may be called from any thread but `submit`, which needs a loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.verify: Callable[[], None] = lambda: None  # asked after each commit, before it is acknowledged
        self._queue: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="mixdesk-writer", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """How many pieces of work wait."""
        return self._queue.qsize()

    async def submit(self, fn: Work[T]) -> T:
        """Runs `fn` in a durable transaction; returns once it is on disk."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._put(_Task(fn, waiter))
        # A request that is cancelled leaves its work in the queue: what was handed in is done.
        return await asyncio.shield(waiter)

    def submit_blocking(self, fn: Work[T]) -> T:
        """The same for a thread that may wait: start-up, commands, tests."""
        waiter: Future[T] = Future()
        self._put(_Task(fn, waiter))
        return waiter.result()

    def submit_soon(self, fn: Work[Any]) -> None:
        """The same with nobody waiting; a failure is one log line."""
        self._put(_Task(fn, None))

    def close(self) -> None:
        """Commits what waits, then ends the thread."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _put(self, task: _Task) -> None:
        if self._closed:
            msg = "the store is closed"
            raise StoreError(msg)
        self._queue.put(task)

    def _run(self) -> None:
        conn: Connection | None = None
        while (batch := self._take()) is not None:
            try:
                conn = conn if conn is not None and not conn.invalidated else self._engine.connect()
                self._commit(conn, batch)
                self.verify()
            except Exception as error:  # noqa: BLE001  the thread's edge: whoever waits gets it
                _fail(batch, self._said(error))
            _hand_out(batch)
        if conn is not None:
            conn.close()

    def _commit(self, conn: Connection, batch: list[_Task]) -> None:
        with conn.begin():
            if len(batch) == 1:
                batch[0].result = batch[0].fn(conn)
                return
            for task in batch:
                self._attempt(conn, task)

    def _attempt(self, conn: Connection, task: _Task) -> None:
        """Runs one piece of work so that its own refusal takes back its own statements alone."""
        # Past SQLAlchemy, whose own savepoints take longer than most work that they guard.
        driver = conn.connection.cursor()
        driver.execute("SAVEPOINT task")
        try:
            task.result = task.fn(conn)
        except (OperationalError, InternalError):
            # The database itself is in trouble (a full disk): the whole transaction goes.
            raise
        except Exception as error:  # noqa: BLE001  raised again where the work came from
            driver.execute("ROLLBACK TO SAVEPOINT task")
            task.error = self._said(error)
        driver.execute("RELEASE SAVEPOINT task")

    def _said(self, error: Exception) -> Exception:
        """Whatever the database says, by way of SQLAlchemy or past it, as a StoreError; other errors as they are."""
        if not isinstance(error, (DBAPIError, self._engine.dialect.loaded_dbapi.Error)):
            return error
        said = StoreError(f"the database refused to write: {_reason(error)}")
        said.__cause__ = error
        return said

    def _take(self) -> list[_Task] | None:
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                task = self._queue.get_nowait()
            except queue.Empty:
                break
            if task is None:
                self._queue.put(None)
                break
            batch.append(task)
        return batch


def _fail(batch: Iterable[_Task], error: Exception) -> None:
    for task in batch:
        task.result, task.error = None, task.error or error


def _reason(error: Exception) -> str:
    """The first line of what the driver says, of an error that may be wrapped."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def _hand_out(batch: Iterable[_Task]) -> None:
    loops: dict[asyncio.AbstractEventLoop, list[_Task]] = {}
    for task in batch:
        if isinstance(task.waiter, asyncio.Future):
            loops.setdefault(task.waiter.get_loop(), []).append(task)
        elif task.waiter is not None:
            _settle(task)
        elif task.error is not None:
            log.error("a background write failed: %s", task.error)
    for loop, tasks in loops.items():
        # A loop that has ended has nobody left to tell.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_all, tasks)


def _settle_all(tasks: Iterable[_Task]) -> None:
    for task in tasks:
        _settle(task)


def _settle(task: _Task) -> None:
    waiter = task.waiter
    if waiter is None or waiter.done():
        return
    if task.error is not None:
        waiter.set_exception(task.error)
    else:
        waiter.set_result(task.result)
