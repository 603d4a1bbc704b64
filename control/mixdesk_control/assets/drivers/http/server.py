"""One model server over HTTP: what its checks answer, shared by all who ask, and the orders given to it."""

from __future__ import annotations

import asyncio
import http.client
import stat
import threading
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from mixdesk.connection import Answer, Connection
from mixdesk_control.assets.drivers.http.answers import Reading
from mixdesk_control.assets.drivers.http.target import FILE, Question, fits_header
from mixdesk_control.threads import in_thread

MOST_BYTES = 1 << 20
MOST_SECRET = 8192
KEPT_S = 10.0
AT_ONCE = 4  # checks; one that is slow holds up a part of the others alone
LATE_S = 5.0  # what the look-up of a name may add to an order's time
AGENT = "mixdesk-desk"


class HeaderError(Exception):
    """A header whose file cannot be used; one line without the secret."""


class Server:
    """Raises nothing: what goes wrong is the reading's `error`. Checks go a few at a time."""

    def __init__(self, url: str, monotonic: Callable[[], float]) -> None:
        self.url = url
        self._monotonic = monotonic
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._free: list[Connection] = []
        self._used: set[Connection] = set()
        self._turns: weakref.WeakValueDictionary[Question, asyncio.Lock] = weakref.WeakValueDictionary()
        self._known: dict[Question, Reading] = {}
        self._looks: set[asyncio.Task[Reading]] = set()
        self._asking: set[asyncio.Task[Reading]] = set()
        self._orders: set[Connection] = set()

    async def look(self, check: Question, *, since: float, within_s: float) -> Reading:
        """An answer that was asked for at `since` or later; who waits for the same check shares it.

        One that does not come in time is still waited for, so that a server which hangs holds few threads.
        """
        task = asyncio.ensure_future(self._fresh(check, since, within_s))
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)
        try:
            done, _ = await asyncio.wait({task}, timeout=within_s)
            return task.result() if done else Reading(since, error=late(within_s))
        finally:
            if task not in self._asking:  # it would stand in line before those of the next look
                task.cancel()

    async def _fresh(self, check: Question, since: float, within_s: float) -> Reading:
        deadline = self._monotonic() + within_s
        turn = self._turns.setdefault(check, asyncio.Lock())
        async with turn, self._slots:
            known = self._known.get(check)
            if known is not None and known.began >= since:
                return known
            began = self._monotonic()
            if began >= deadline:
                return Reading(began, error="its other checks took too long")
            reading = await self._asked(check, began, deadline - began)
            if reading.error is None or deadline - began > within_s / 2:  # else it had no fair share of the time
                self._known = {key: kept for key, kept in self._known.items() if kept.began > began - KEPT_S}
                self._known[check] = reading
            return reading

    async def _asked(self, check: Question, began: float, within_s: float) -> Reading:
        connection = self._free.pop() if self._free else Connection(self.url, {}, agent=AGENT, most=MOST_BYTES)
        self._used.add(connection)
        task = cast("asyncio.Task[Reading]", asyncio.current_task())
        self._asking.add(task)
        try:
            reading = await in_thread(partial(_read, connection, check, began, within_s), f"look {self.url}")
        finally:
            self._used.discard(connection)
            self._asking.discard(task)
        self._free.append(connection)  # not where this was cancelled: its thread may be at it still
        return reading

    def asked_at(self, check: Question) -> float:
        """When it was asked last, as far as that is known; else long ago."""
        known = self._known.get(check)
        return 0.0 if known is None else known.began

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for it."""
        return not self._looks and not self._orders

    async def order(self, request: Question, within_s: float) -> Reading:
        """The answer to a load or an unload, on a connection of its own; cancelled, it is cut."""
        sending = _Sending()
        connection = Connection(self.url, {}, sending, agent=AGENT, most=MOST_BYTES)
        self._orders.add(connection)
        began = self._monotonic()
        try:
            async with asyncio.timeout(within_s + LATE_S):
                reading = await in_thread(partial(_read, connection, request, began, within_s), f"order {self.url}")
        except TimeoutError:
            reading = Reading(began, error=late(within_s))
        finally:
            sending.cut.set()
            connection.interrupt()
            self._orders.discard(connection)
        reading.taken = sending.is_connected
        return reading

    async def close(self) -> None:
        """Cuts what is under way, and waits a moment for it."""
        for connection in (*self._free, *self._used, *self._orders):
            connection.interrupt()
        if self._looks:
            await asyncio.wait(self._looks, timeout=1.0)
        for connection in self._free:
            connection.close()
        self._free.clear()


class _Sending:
    """The witness of an order's connection, which asks it before and after it connects."""

    def __init__(self) -> None:
        self.cut = threading.Event()
        self._asked = 0

    def __call__(self) -> bool | None:
        self._asked += 1
        return None if self.cut.is_set() else True

    @property
    def is_connected(self) -> bool:
        return self._asked > 1


def _read(connection: Connection, asked: Question, began: float, within_s: float) -> Reading:
    """On a thread."""
    try:
        headers = dict(_header(name, value) for name, value in asked.headers)
        answer: Answer = connection.ask(asked.method, asked.path, body=asked.body, headers=headers, within_s=within_s)
    except TimeoutError:
        return Reading(began, error=late(within_s))
    except HeaderError as error:
        return Reading(began, error=str(error))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reading(began, error=_why(error), gone=isinstance(error, ConnectionRefusedError))
    return Reading.of(began, answer.status, answer.body)


def late(within_s: float) -> str:
    """How an answer that did not come is told."""
    return f"nothing whole within {within_s:.3g} s"


def _why(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join("".join(char if char.isprintable() else " " for char in said).split())[:200]


def _header(name: str, value: str) -> tuple[str, str]:
    """A value that stands in a file is read anew each time: secrets are rotated. Raises HeaderError."""
    if not value.startswith(FILE):
        return name, value
    path = Path(value[len(FILE) :])
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise HeaderError(f"{path}, for the header {name}, is no file")
        with path.open("rb") as file:
            secret = file.read(MOST_SECRET + 1).decode("ascii").strip()
    except OSError as error:
        raise HeaderError(f"{path}, for the header {name}, cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError:
        secret = "\n"
    if not secret or len(secret) > MOST_SECRET or not fits_header(secret):
        raise HeaderError(f"{path}, for the header {name}, must hold one line of ASCII text")
    return name, secret
