"""Carriage returns: a line that overwrites itself is shown as it ends."""

from __future__ import annotations

import re

_ENDS = re.compile(rb"(?<!\r)\r+(?=\n)")
_OVERWRITTEN = re.compile(rb"(?m)^[^\n]*\r")  # from the beginning of a line alone: else long ones take their square


def collapse(data: bytes) -> bytes:
    """Lines with what their last carriage return left; `\\r\\n` ends a line as `\\n` does."""
    if b"\r" not in data:
        return data
    return _OVERWRITTEN.sub(b"", _ENDS.sub(b"", data))


def state(partial: bytes) -> bytes:
    """What an unfinished line shows now: after its last carriage return, or before it where nothing follows yet."""
    return partial.rstrip(b"\r").rpartition(b"\r")[2]
