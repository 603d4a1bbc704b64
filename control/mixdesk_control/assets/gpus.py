"""GPU memory as this room needs it: who holds how much of which card at one moment. Another room reads it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """One GPU of this host at one moment. Amounts are MiB.

    free      what the driver says is free
    measured  {asset id: what its processes hold}; one whose use cannot be told is left out, and counts as 0
    others    what processes hold that belong to no asset; `jobs` are the ids of the jobs among all processes
    hidden    whether the driver hides what some process holds
    """

    index: int
    uuid: str
    total: float
    free: float
    measured: Mapping[str, float] = field(default_factory=dict)
    others: float = 0.0
    jobs: frozenset[str] = frozenset()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cards:
    """All GPUs of this host at one moment.

    at     seconds since the epoch
    error  why they cannot be read now, though there are some; None where all is well, or there is no GPU here
    """

    at: float = 0.0
    cards: Sequence[Card] = ()
    error: str | None = None

    def find(self, name: int | str) -> Card | None:
        """By index or UUID."""
        return next((card for card in self.cards if name in (card.index, card.uuid)), None)


ReadCards = Callable[[], Awaitable[Cards]]
"""A reading that began after the call."""
