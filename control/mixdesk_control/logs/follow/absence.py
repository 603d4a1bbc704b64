"""A source that cannot be read now: since when, and what is said of it once. Pure."""

from __future__ import annotations

from mixdesk_control.logs.piece import Piece

MISSING_S = 1.0  # a rotation has no file for a moment


class Absence:
    """Of one source."""

    def __init__(self) -> None:
        self._said: str | None = None
        self._since: float | None = None

    def over(self) -> None:
        """It can be read."""
        self._said = self._since = None

    def missing(self, path: str, now: float, *, at_once: bool) -> Piece | None:
        """There is no such file."""
        if self._since is None:
            self._since = now
        return self.goes(f"{path} is not there") if at_once or now - self._since >= MISSING_S else None

    def goes(self, reason: str) -> Piece | None:
        """It cannot be read; None where that has been said."""
        if reason == self._said:
            return None
        self._said = reason
        return Piece(gone=reason)
