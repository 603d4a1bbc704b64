"""Blocking calls beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


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
