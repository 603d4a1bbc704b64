"""A trainer's clock, seen from the desk's. Pure.

A report says when it was sent, so `received - sent` is the offset plus the time it was under way. The
smallest of the last few is closest to the offset itself, and one late report changes nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache

from mixdesk import wire

TOLERATED_S = 2.0
WINDOW = 5
REMEMBERED = 16_384  # times: those of a thousand jobs come again with every report
LONGEST = 64
FIRST, LAST = 0.0, 32_503_680_000.0  # 1970 to 3000: beyond it no clock is meant


def moment(text: str | None) -> float | None:
    """Seconds since the epoch of a reported time; None where there is none or it is not one."""
    return None if not text or len(text) > LONGEST else _moment(text)


@lru_cache(REMEMBERED)
def _moment(text: str) -> float | None:
    try:
        seconds = wire.seconds_of(text)
    except (ValueError, OverflowError):
        return None
    return seconds if FIRST <= seconds <= LAST else None


def shown(seconds: float | None) -> str | None:
    """A time as JSON carries it."""
    return None if seconds is None else wire.now_text(min(max(seconds, FIRST), LAST))


def shown_of(text: str | None, offset: float) -> str | None:
    """A trainer's time as JSON carries it, in the desk's clock."""
    return None if not text or len(text) > LONGEST else _shown_of(text, offset)


@lru_cache(REMEMBERED)
def _shown_of(text: str, offset: float) -> str | None:
    return shown(corrected(_moment(text), offset))


def corrected(seconds: float | None, offset: float) -> float | None:
    """A trainer's time in the desk's clock."""
    return None if seconds is None else seconds + offset


@dataclass(slots=True)
class ClockWatch:
    """Follows the offset of one trainer's clock; `offset` is 0 while it is within 2 s."""

    offset: float = 0.0
    _seen: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def see(self, sent_at: float | None, received_at: float) -> float:
        """One live report; returns the offset that holds now."""
        if sent_at is None:
            return self.offset
        self._seen.append(received_at - sent_at)
        best = min(self._seen)
        # It is left alone while it is about right, so that times already shown do not tremble.
        if abs(best - self.offset) > TOLERATED_S:
            self.offset = best if abs(best) > TOLERATED_S else 0.0
        return self.offset
