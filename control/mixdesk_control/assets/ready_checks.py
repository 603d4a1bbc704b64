"""The ways to tell that an asset which lives is ready; one class a way."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
from collections.abc import AsyncIterator
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from mixdesk.connection import Connection
from mixdesk_control.assets.asset import RUNNING, Asset, Observed
from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.settings_sources import without_password
from mixdesk_control.threads import in_thread

TRY_S = 2.0  # for one try at a port or an address
MOST_BYTES = 4 << 20


class NeverReady(Exception):
    """It cannot become ready in this way however long it is waited for; one line that says why."""


class Output(Protocol):
    """What is needed of its driver."""

    def lines(self, asset: Asset) -> AsyncIterator[str]:
        """As drivers have it."""


class Check(Protocol):
    """One way. `elsewhere`: it looks at something that may be another's."""

    elsewhere: bool

    async def wrong(self, seen: Observed) -> str | None:
        """Why it is not ready yet, in a few words; None where it is. Raises NeverReady."""

    async def aclose(self) -> None:
        """Ends what it began."""


def check_of(asset: Asset, driver: Output) -> Check:
    """The way that the registry names. Raises ValueError for an address that is none."""
    ready = asset.ready
    if ready.port is not None:
        return _Port(ready.host, ready.port)
    if ready.http is not None:
        return _Address(ready.http)
    if ready.log is not None:
        return _Line(asset, driver, ready.log)
    return _Healthy() if ready.health else _Alive()


class _Alive:
    """Its driver alone tells: RUNNING, which with a health check of its own means healthy."""

    elsewhere = False

    async def wrong(self, seen: Observed) -> str | None:
        return None if seen.doing == RUNNING else seen.reason or f"it is {seen.doing}"

    async def aclose(self) -> None:
        pass


class _Healthy(_Alive):
    """The same, by a health check that must be there."""

    async def wrong(self, seen: Observed) -> str | None:
        if seen.unchecked:
            raise NeverReady(
                "it has no health check: give its container one, or use ready.port, ready.http or ready.log"
            )
        return await super().wrong(seen)


class _Port:
    elsewhere = True

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def wrong(self, seen: Observed) -> str | None:
        try:
            async with asyncio.timeout(TRY_S):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except (OSError, TimeoutError) as error:
            return f"nothing listens on {self._host}:{self._port}{_said(error)}"
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return None

    async def aclose(self) -> None:
        pass


class _Address:
    elsewhere = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._base, self._path = address_of(url)

    async def wrong(self, seen: Observed) -> str | None:
        try:
            status = await in_thread(partial(_status, self._base, self._path), f"ready {self._base}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"{self._url} does not answer{_said(error)}"
        return None if 200 <= status < 400 else f"{self._url} answers {status}"

    async def aclose(self) -> None:
        pass


def _status(base: str, path: str) -> int:
    """On a thread; redirects count as answers and are not followed."""
    connection = Connection(base, {}, agent="mixdesk-desk", most=MOST_BYTES)
    try:
        return connection.ask("GET", path, body=None, headers={"Connection": "close"}, within_s=TRY_S).status
    finally:
        connection.close()


class _Line:
    """Reads the output on a task of its own, from its beginning; begins again where the output breaks off."""

    elsewhere = False

    def __init__(self, asset: Asset, driver: Output, text: str) -> None:
        self._asset, self._driver, self._text = asset, driver, text
        self._reading: asyncio.Task[bool] | None = None
        self._broken: str | None = None

    async def wrong(self, seen: Observed) -> str | None:
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        done, _ = await asyncio.wait({self._reading}, timeout=0)
        if done and self._take():
            return None
        return self._broken or f"no line of its output contains {self._text!r} yet"

    def _take(self) -> bool:
        """Whether the line has come. Raises what reading raised and is not its driver's to say."""
        reading, self._reading = self._reading, None
        try:
            return reading is not None and reading.result()
        except DriverError as error:
            self._broken = f"its output cannot be read: {error}"
            return False

    async def _read(self) -> bool:
        lines = self._driver.lines(self._asset)
        try:
            async for line in lines:
                self._broken = None
                if self._text in line:
                    return True
        finally:
            if hasattr(lines, "aclose"):
                await lines.aclose()
        return False

    async def aclose(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            if not self._reading.cancelled():
                self._reading.exception()  # looked at, so that nobody reports it as lost


def address_of(url: str) -> tuple[str, str]:
    """`http://host:port` and the path of `ready.http`. Raises ValueError, one line."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        fits = fits and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        fits = False
    if not fits:
        msg = f"ready.http {without_password(repr(url))} is no address that can be asked: write http://host:port/path"
        raise ValueError(msg)
    return f"{parts.scheme}://{parts.netloc}", (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _said(error: Exception) -> str:
    number = getattr(error, "errno", None) or 0  # those of name look-ups are negative, and have a text of their own
    said = os.strerror(number) if number > 0 else getattr(error, "strerror", None) or str(error)
    return f": {said}" if said else ""
