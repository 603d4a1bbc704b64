"""`!reset` and `!override`: values that change what an earlier file says, not only add to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Reset:
    """What earlier files say goes, and nothing comes in its place."""


@dataclass(frozen=True, slots=True)
class Override:
    """What earlier files say goes, and this comes in its place."""

    value: Any


RESET = Reset()


def bare(value: Any) -> Any:
    """The value without its mark."""
    return None if value is RESET else value.value if isinstance(value, Override) else value


def through(value: Any, form: Callable[[Any], Any]) -> Any:
    """The value in another form, under the same mark; None stays None."""
    if value is RESET or value is None:
        return value
    return Override(form(value.value)) if isinstance(value, Override) else form(value)
