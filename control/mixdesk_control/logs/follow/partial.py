"""When a line that has not ended is shown. Pure."""

from __future__ import annotations

EVERY_S = 0.2  # of a progress bar
SILENT_S = 2.0  # of any other line


class Partial:
    """Of one source."""

    def __init__(self) -> None:
        self._shown, self._seen = b"", b""
        self._shown_at = self._since = float("-inf")

    def due(self, rest: bytes, now: float) -> float | None:
        """Seconds until this is to be shown; 0 where it is now, None where it is shown already or empty."""
        if rest != self._seen:
            self._seen, self._since = rest, now
        if not rest:
            self._shown = b""
            return None
        if rest == self._shown:
            return None
        at = self._shown_at + EVERY_S if b"\r" in rest else self._since + SILENT_S
        return max(0.0, at - now)

    def show(self, rest: bytes, now: float) -> None:
        """It is shown now."""
        self._shown, self._shown_at = rest, now
