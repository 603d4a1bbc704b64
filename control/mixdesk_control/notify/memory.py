"""What was told and is in no outbox yet. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from mixdesk_control.notify.event import Event
from mixdesk_control.notify.urgency import rank

MOST = 1000
TRIES = 3  # after so many of one that fails, the milder ones have their turn


@dataclass(frozen=True, slots=True)
class Well:
    """What was told under `key` is over."""

    key: str


@dataclass(slots=True)
class Slot:
    """One thing that is not noted. `outcome` (at `ended_at`) is what became of it all the same, None while it waits."""

    item: Event | Well
    tries: int = 0
    outcome: str | None = None
    ended_at: float = 0.0
    error: str | None = None

    def end(self, outcome: str, now: float, error: str | None = None) -> None:
        """It was sent from here, or never will be."""
        self.outcome, self.ended_at, self.error = outcome, now, error


class Memory:
    """In the order in which it was told; what is told again while it waits is there once."""

    def __init__(self) -> None:
        self._slots: dict[int, Slot] = {}
        self._last: dict[str, int] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, item: Event | Well) -> Event | None:
        """Puts it in; the event that had to go for it unsent, where there are too many."""
        last = self._slots.get(self._last.get(item.key, -1))
        if last is not None and type(last.item) is type(item):
            return None
        number = next(self._numbers)
        self._slots[number], self._last[item.key] = Slot(item), number
        return self._dropped() if len(self._slots) > MOST else None

    def all(self) -> dict[int, Slot]:
        """{number: slot}, the oldest first."""
        return dict(self._slots)

    def forget(self, numbers: dict[int, Slot]) -> None:
        """These are noted."""
        for number in numbers:
            slot = self._slots.pop(number, None)
            if slot is not None and self._last.get(slot.item.key) == number:
                del self._last[slot.item.key]

    def waiting(self) -> list[tuple[Slot, Event, bool]]:
        """What was not sent, the worst first; True where it is new though its key may be noted: the last was over."""
        over: set[str] = set()
        found: list[tuple[Slot, Event, bool]] = []
        for slot in self._slots.values():
            if isinstance(slot.item, Well):
                over.add(slot.item.key)
            elif slot.outcome is None:
                found.append((slot, slot.item, slot.item.key in over))
        return sorted(found, key=lambda one: (one[0].tries // TRIES, rank(one[1].event)))

    def _dropped(self) -> Event | None:
        """Makes room: what was sent goes first, then the mildest, then the oldest. What is over takes little."""
        events = [
            (slot.outcome is not None, rank(slot.item.event), -number, slot)
            for number, slot in self._slots.items()
            if isinstance(slot.item, Event)
        ]
        if not events:
            return None
        _, _, number, slot = max(events, key=lambda one: one[:3])
        self.forget({-number: slot})
        return slot.item if slot.outcome is None and isinstance(slot.item, Event) else None
