"""What comes from a source as it grows, between who reads it and who shows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

RENAMED, TRUNCATED, RECREATED, CONTINUED = "renamed", "truncated", "recreated", "continued"
"""How a source was rotated: another file has its name now, it was cut to nothing, it was removed and made anew, it goes
on in a new file with a new name (one a day)."""

LONGEST = 256 << 10
"""Bytes of a line; of a longer one the beginning is shown, and how much is left out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What was read at once; at least one of these.

    lines    whole lines in UTF-8, each with its `\\n` and at most LONGEST bytes long
    partial  what stands after the last whole line: the state of a progress bar, or a line that has stood without its
             end for a while
    rotated  the source was rotated just before these lines
    gone     why there is nothing to read now; the next piece with lines ends this
    """

    lines: bytes = b""
    partial: bytes | None = None
    rotated: str | None = None
    gone: str | None = None


class Mark(Protocol):
    """The place in a source right after the last piece that was handed out."""

    def last(self, lines: int) -> bytes:
        """The last lines before it, as whole lines. Blocks. To be called once, or `close` instead."""

    def rest(self) -> bytes:
        """The line after it that has no end yet; empty where it has one by now. Blocks. Called before `last`."""

    def close(self) -> None:
        """Nobody wants the lines before it."""


class Reader(Protocol):
    """One source, read as it grows: from its end at the moment of the first `pieces`. Used on the event loop."""

    def pieces(self) -> AsyncGenerator[Piece]:
        """Each new piece, without end and with nothing lost, doubled or torn. To be called once; first comes an empty
        piece, from which on `mark` is known."""

    def mark(self) -> Mark:
        """Where it is, between two pieces."""
