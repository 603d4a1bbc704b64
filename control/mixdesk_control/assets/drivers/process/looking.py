"""Looks in threads, which may hang: a process stuck in the kernel, a pid_file on a server that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from mixdesk_control.assets.drivers.driver import DriverError
from mixdesk_control.threads import in_thread

Result = TypeVar("Result")
SEE_S, ACT_S = 3.0, 30.0
"""How long a look may take that shows, and one that a start or a stop goes by: on a host that swaps, it takes long."""


class Hangs(DriverError):
    """A look that did not end in time."""


class Looking:
    """One at a time, in the order in which they were asked for; while one hangs no other is begun, so that no threads
    pile up behind it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._since = 0.0
        self._running: asyncio.Task[Any] | None = None

    async def __call__(self, call: Callable[[], Result], within_s: float) -> Result:
        """What it returns. Raises Hangs where it, or the one before it, takes longer; it is left to itself then."""
        if not self._turn.locked():
            self._since = _now()
        task = asyncio.create_task(self._in_turn(call))
        task.add_done_callback(_settled)
        while not task.done():
            left = self._since + within_s - _now()
            if left <= 0:
                self._give_up(task, within_s)
            await asyncio.wait({task}, timeout=left)
        return task.result()

    async def _in_turn(self, call: Callable[[], Result]) -> Result:
        async with self._turn:
            self._running, self._since = asyncio.current_task(), _now()
            try:
                return await in_thread(call, "mixdesk-processes")
            finally:
                self._since = _now()

    def _give_up(self, task: asyncio.Task[Any], within_s: float) -> NoReturn:
        if task is not self._running:
            task.cancel()
        msg = f"/proc or a pid_file has not let itself be read for {within_s:g} s: look for processes in state D"
        raise Hangs(msg)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _settled(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()  # of a look whose asker is gone: it has been seen
