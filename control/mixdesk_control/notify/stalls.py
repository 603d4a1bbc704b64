"""Jobs that report and do not move. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class _Stand:
    position: object
    since: float
    is_told: bool = False


class Stalls:
    """Remembers where each job was; `after_s` seconds at the same place are a stall, which is told once."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._stands: dict[str, _Stand] = {}

    def see(self, job_id: str, position: object, now: float) -> float | None:
        """Seconds at this place where that is news, else None. A position of None is no standing still at all."""
        stand = self._stands.get(job_id)
        if stand is None or position is None or stand.position != position:
            self._stands[job_id] = _Stand(position, now)
            return None
        if stand.is_told or now - stand.since < self._after_s:
            return None
        stand.is_told = True
        return now - stand.since

    def keep(self, job_ids: Collection[str]) -> None:
        """Forgets all others."""
        self._stands = {job_id: stand for job_id, stand in self._stands.items() if job_id in job_ids}

    def restart(self) -> None:
        """Time has passed that counts against nobody."""
        self._stands.clear()
