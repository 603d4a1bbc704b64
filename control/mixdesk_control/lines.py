"""Bytes of a program's output, cut into lines. Pure, and with bounded memory."""

from __future__ import annotations

LONGEST = 4096  # characters
MOST = 4 * LONGEST  # bytes: a character has four at most


class Lines:
    """Of one stream; of a line that is too long the first LONGEST characters, as soon as they are there."""

    def __init__(self) -> None:
        self._part = b""
        self._skipping = False

    def feed(self, content: bytes) -> list[str]:
        """The lines that these bytes complete."""
        *whole, rest = content.split(b"\n")
        found = [line for part in whole if (line := self._line(part)) is not None]
        self._add(rest)
        if len(self._part) >= MOST:
            self._skipping = True
            found += self._take()
        return found

    def end(self) -> list[str]:
        """The last one, where it has no end of its own."""
        return self._take() if self._part else []

    def _line(self, end: bytes) -> str | None:
        if self._skipping:
            self._skipping = False
            return None
        self._add(end)
        return self._take()[0]

    def _take(self) -> list[str]:
        part, self._part = self._part, b""
        return [part.decode("utf-8", "replace").rstrip("\r")[:LONGEST]]

    def _add(self, more: bytes) -> None:
        if not self._skipping:
            self._part += more[: MOST - len(self._part)]
