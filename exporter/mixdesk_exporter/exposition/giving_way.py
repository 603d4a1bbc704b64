"""Lets other threads run while a thread renders: an event loop that waits for the interpreter gets it sooner."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TypeVar

Made = TypeVar("Made")

INTERVAL_S = 0.001  # Python's own 5 ms is as long as an event loop may be kept

_lock = threading.Lock()
_inside = 0
_before = 0.0


def run_beside(executor: Executor, work: Callable[[], Made]) -> asyncio.Future[Made]:
    """Runs `work` on a thread beside the running event loop.

    The loop itself makes the interval short, before there is a thread to wait for: a wait goes by the interval that
    held when it began.
    """
    _enter()
    try:
        made = asyncio.get_running_loop().run_in_executor(executor, work)
    except BaseException:
        _leave()
        raise
    made.add_done_callback(lambda _: _leave())
    return made


@contextmanager
def giving_way() -> Iterator[None]:
    """The same for what is inside; several may be at once."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = sys.getswitchinterval()
            sys.setswitchinterval(min(_before, INTERVAL_S))
        _inside += 1


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            sys.setswitchinterval(_before)
