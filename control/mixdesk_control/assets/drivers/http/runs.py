"""The runs of a model inside a server, told apart as far as can be."""

from __future__ import annotations

from dataclasses import dataclass

from mixdesk_control.assets.asset import ALIVE, UNKNOWN
from mixdesk_control.assets.drivers.http.target import Target


@dataclass(slots=True)
class Run:
    """How often a model was seen to come, which tells one of its runs from the next."""

    target: Target
    alive: bool | None = None
    count: int = 0
    started_at: float | None = None

    def note(self, doing: str, now: float) -> None:
        """Unseen for a while, it counts as the same run."""
        if doing == UNKNOWN:
            return
        if doing in ALIVE and not self.alive:
            self.count += 1
            self.started_at = now if self.alive is False else None
        self.alive = doing in ALIVE
