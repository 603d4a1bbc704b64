"""SIGTERM as a wish to leave: the first one saves and leaves at the next boundary, the second is the old handler's."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from . import workers

_installed: list[TermHandler] = []
_SIGCHLD: int | None = getattr(signal, "SIGCHLD", None)


class TermHandler:
    """The handler of one `with mixdesk.job(...)` block.

    ask      called by the first signal
    fetches  whether the interrupted frame may be told of a worker's death at once: it waits for a batch, say
    """

    def __init__(self, ask: Callable[[], None], fetches: Callable[[FrameType | None], bool]) -> None:
        self._ask = ask
        self._fetches = fetches
        self._previous: Any = None
        self._previous_child: Any = None
        self._seen = False
        self._open = False
        self._pid = 0

    def install(self) -> bool:
        """Take the signal; False where the block was not entered in the main thread."""
        self._open = True
        workers.keep_apart()
        if threading.current_thread() is not threading.main_thread():
            return False
        self._pid = os.getpid()
        self._previous = signal.signal(signal.SIGTERM, self)
        _installed.append(self)
        return True

    def restore(self) -> None:
        """Give the signals back."""
        if self._open:
            self._open = False
            workers.stop_keeping_apart()
        if self not in _installed:
            return
        _installed.remove(self)
        current: Any = signal.getsignal(signal.SIGTERM)
        if current is self:
            signal.signal(signal.SIGTERM, self._old())
        if _SIGCHLD is not None and signal.getsignal(_SIGCHLD) == self._child_ended:
            signal.signal(_SIGCHLD, self._previous_child)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The first time ask to leave; the second time let the old handler have it."""
        if self._pid != os.getpid() or self not in _installed:
            self._pass_on(number)  # in a child that has just been forked, or left behind by a handler of somebody else
        elif self._seen:
            self.restore()
            os.kill(os.getpid(), number)
        else:
            self._seen = True
            self._ask()
            self.expect_deaths()
            if isinstance(self._previous, TermHandler):
                self._previous(number, frame)

    def _pass_on(self, number: int) -> None:
        signal.signal(signal.SIGTERM, self._old())
        os.kill(os.getpid(), number)

    def _old(self) -> Any:
        """The handler before this one, without those of blocks that are over."""
        handler = self._previous
        while isinstance(handler, TermHandler) and handler not in _installed:
            handler = handler._previous
        return signal.SIG_DFL if handler is None else handler

    def expect_deaths(self) -> None:
        """A loader's workers may die of the same signal: torch would raise for it, anywhere in the loop.

        To be called when a loader has begun, for torch's handler can run in the midst of this one.
        """
        if _SIGCHLD is None or self not in _installed or threading.current_thread() is not threading.main_thread():
            return
        current: Any = signal.getsignal(_SIGCHLD)
        if callable(current) and current != self._child_ended:
            self._previous_child = current
            signal.signal(_SIGCHLD, self._child_ended)

    def _child_ended(self, number: int, frame: FrameType | None) -> None:
        try:
            self._previous_child(number, frame)
        except RuntimeError as error:
            expected = self._seen or _is_taking_a_signal(frame)
            if not workers.is_death(error) or not expected or self._fetches(frame):
                raise  # a batch that will never come: `steps` takes it as the end of the loader


def _is_taking_a_signal(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code is not TermHandler.__call__.__code__:
        frame = frame.f_back
    return frame is not None


def _restore_in_child() -> None:
    """A forked child that inherits a handler which only sets a flag cannot be terminated."""
    if not _installed:
        return
    first = _installed[0]
    _installed.clear()
    current: Any = signal.getsignal(signal.SIGTERM)
    if isinstance(current, TermHandler):
        signal.signal(signal.SIGTERM, first._old())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_restore_in_child)
