"""SIGTERM as a wish to leave: the first one saves and leaves at the next boundary, the second is the old handler's."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_installed: list[TermHandler] = []


class TermHandler:
    """The handler of one `with mixdesk.job(...)` block."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._previous: Any = None
        self._seen = False

    def install(self) -> bool:
        """Take the signal; False where the block was not entered in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return False
        self._previous = signal.signal(signal.SIGTERM, self)
        _installed.append(self)
        return True

    def restore(self) -> None:
        """Give the signal back."""
        if self in _installed:
            _installed.remove(self)
            if _current() is self:
                signal.signal(signal.SIGTERM, self._old())

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The first time ask to leave; the second time let the old handler have it."""
        if not self._seen:
            self._seen = True
            self._ask()
            if isinstance(self._previous, TermHandler):
                self._previous(number, frame)
            return
        self.restore()
        os.kill(os.getpid(), number)

    def _old(self) -> Any:
        return signal.SIG_DFL if self._previous is None else self._previous


def _current() -> object:
    return signal.getsignal(signal.SIGTERM)


def _restore_in_child() -> None:
    """A forked child that inherits a handler which only sets a flag cannot be terminated."""
    if _installed:
        first = _installed[0]
        if isinstance(_current(), TermHandler):
            signal.signal(signal.SIGTERM, first._old())
        _installed.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restore_in_child)
