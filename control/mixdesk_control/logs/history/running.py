"""One search while it runs: what it looks for, how long it may, and what it could not do."""

from __future__ import annotations

from collections.abc import Callable

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs.history.asked import Asked, Cut
from mixdesk_control.logs.history.matching import Matching
from mixdesk_control.logs.source import Source

MOST_REASONS = 5
MOST_NAMED = 3


class Run:
    """Shared by all sources of one search; used by one thread."""

    def __init__(
        self,
        asked: Asked,
        matching: Matching,
        engine: Engine | None,
        stopped: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self.asked, self.matching, self.engine = asked, matching, engine
        self._stopped, self._clock, self._end = stopped, clock, clock() + asked.budget_s
        self._reasons: list[str] = []
        self._unread: list[str] = []
        self._unread_count = 0
        self.searched_bytes = 0

    def cut(self, reason: str) -> None:
        """There may be more than what is found."""
        if reason not in self._reasons and len(self._reasons) < MOST_REASONS:
            self._reasons.append(reason)

    def unread(self, source: Source, reason: str) -> None:
        """A part of a source, or all of it, turned out to be unreadable."""
        self._unread_count += 1
        if len(self._unread) < MOST_NAMED:
            self._unread.append(f"{source.key}: {reason}")

    @property
    def left(self) -> Cut | None:
        """What was not searched; None where all was."""
        if not self._reasons and not self._unread:
            return None
        reason = "; ".join(self._reasons) or None
        return Cut(reason, self.searched_bytes, tuple(self._unread), self._unread_count)

    def over(self) -> bool:
        """Whether no more may be read, because of the time or of who asked; asked between blocks."""
        if self._stopped():
            self.cut("it was stopped")
            return True
        if self._clock() >= self._end:
            self.cut(f"it was stopped after {self.asked.budget_s:g} s")
            return True
        return False

    @property
    def left_s(self) -> float:
        """Seconds that it may still take."""
        return max(self._end - self._clock(), 0.0)

    def within(self, time: float | None, otherwise: float) -> bool:
        """Whether a time is one of those that are asked for."""
        known = otherwise if time is None else time
        return not self.too_old(known) and not self.too_new(known)

    @property
    def has_bounds(self) -> bool:
        """Whether not all times are asked for."""
        return self.asked.since is not None or self.asked.until is not None

    def too_old(self, time: float, slack_s: float = 0.0) -> bool:
        """Whether it is before what is asked for, and not just before it."""
        return self.asked.since is not None and time < self.asked.since - slack_s

    def too_new(self, time: float, slack_s: float = 0.0) -> bool:
        """The same of what is after it."""
        return self.asked.until is not None and time > self.asked.until + slack_s
