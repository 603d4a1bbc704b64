"""Whatever goes wrong in reporting becomes one log line, never an exception in the training loop."""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

log = logging.getLogger("mixdesk")

P = ParamSpec("P")
R = TypeVar("R")

_strict = False
_said: set[str] = set()
_said_lock = threading.Lock()


def is_strict() -> bool:
    """True where internal failures are to be raised: `MIXDESK_STRICT=1` or `mixdesk.testing.strict()`."""
    return _strict or os.environ.get("MIXDESK_STRICT", "") not in ("", "0")


def set_strict(on: bool) -> bool:
    """Switch strictness; returns what it was."""
    global _strict
    before, _strict = _strict, on
    return before


def say_once(key: str, message: str, *args: object) -> None:
    """Log a warning, once a process for each key."""
    with _said_lock:
        if key in _said:
            return
        _said.add(key)
    log.warning(message, *args)


def forget_said() -> None:
    """Let `say_once` speak again (a new job, a test)."""
    with _said_lock:
        _said.clear()


def guarded(function: Callable[P, R]) -> Callable[P, R | None]:
    """Run `function`; a failure is one log line and None, or is raised where it is strict."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if is_strict():
                raise
            say_once(
                f"{function.__qualname__}:{type(error).__name__}",
                "reporting failed in %s: %s: %s (training goes on)",
                function.__qualname__,
                type(error).__name__,
                error,
            )
            return None

    return call


def _forget_lock_in_child() -> None:
    """A thread that is not in this child may have held it."""
    global _said_lock
    _said_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock_in_child)
