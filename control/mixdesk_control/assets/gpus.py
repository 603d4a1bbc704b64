"""GPU memory as this room needs it: who holds how much of which card at one moment. Another room reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MIB = 1 << 20
UNTOLD = 0  # start ticks of a process that the driver still shows though it has ended, or that cannot be read
SILENT = "the driver does not say how much memory is free"


@dataclass(frozen=True, slots=True)
class Holder:
    """One process on one card.

    identity  which process: pid in the host's namespace and start ticks, UNTOLD of one that is gone
    asset     '' where it belongs to none; `job` the same
    memory    MiB; None where the driver hides it
    """

    identity: tuple[int, int]
    asset: str = ""
    job: str = ""
    memory: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One GPU of this host at one moment. Amounts are MiB.

    free      what the driver says is free
    measured  {asset id: what its processes hold}; one whose use cannot be told is left out, and counts as 0
    holders   all processes on it
    """

    index: int
    uuid: str
    total: float
    free: float
    measured: Mapping[str, float] = field(default_factory=dict)
    holders: Sequence[Holder] = ()

    @property
    def others(self) -> float:
        """What processes hold that belong to no asset."""
        return sum(holder.memory or 0.0 for holder in self.holders if not holder.asset)

    @property
    def orphaned(self) -> float:
        """What is in use and held by no process: a driver that has not cleared up yet, and its own."""
        known = sum(holder.memory or 0.0 for holder in self.holders)
        return max(self.total - self.free - known, 0.0)

    @property
    def outside(self) -> float:
        """What is in use and belongs to no asset: `others` and `orphaned`, and what the driver hides."""
        return max(self.total - self.free - sum(self.measured.values()), 0.0)

    @property
    def hides(self) -> bool:
        """Whether the driver hides what some process holds."""
        return any(holder.memory is None for holder in self.holders)


def measured(holders: Sequence[Holder]) -> dict[str, float]:
    """{asset id: MiB} of the processes whose memory is known."""
    sums: dict[str, float] = defaultdict(float)
    for holder in holders:
        if holder.asset and holder.memory is not None:
            sums[holder.asset] += holder.memory
    return dict(sums)


@dataclass(frozen=True, slots=True)
class Cards:
    """All GPUs of this host at one moment.

    host    what the host is called in metrics
    at      seconds since the epoch
    error   why they cannot be read now, though there may be some; None where all is well, or there is no GPU here
    silent  indexes and UUIDs of those whose driver does not say how much is free; they are not among `cards`
    """

    cards: Sequence[Card] = ()
    host: str = ""
    at: float = 0.0
    error: str | None = None
    silent: frozenset[int | str] = frozenset()

    def find(self, name: int | str) -> Card | None:
        """By index or UUID."""
        return next((card for card in self.cards if name in (card.index, card.uuid)), None)


@dataclass(frozen=True, slots=True)
class Owned:
    """What assets own of this host, for who reads the cards.

    containers  {full id of a container that runs: asset id}; `names` the same by name, of those not seen yet
    processes   {(pid in its own namespace, start ticks): asset id}
    """

    containers: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    processes: Mapping[tuple[int, int], str] = field(default_factory=dict)


class Meters(Protocol):
    """Who reads the cards for this room."""

    async def read(self) -> Cards:
        """A reading that was made after the call."""

    def last(self) -> Cards:
        """The newest reading there is; whoever asks keeps them coming."""
