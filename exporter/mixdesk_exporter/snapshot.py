"""Everything that was read of a host at one moment. Immutable: readers share it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mixdesk_exporter.family import Family


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one collector did.

    seconds   the time it took
    at        when it was asked, in seconds since the epoch
    reading   what it read; None where it failed or has nothing to read here
    families  the same as metric families
    error     why it failed, None where it did not
    absent    whether its source is not here
    """

    seconds: float
    at: float
    reading: Any = None
    families: tuple[Family, ...] = ()
    error: str | None = None
    absent: bool = False

    @property
    def good(self) -> bool:
        """Whether there is a reading."""
        return self.error is None and not self.absent


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The outcomes by collector name, in the order of the list of collectors.

    at     when it was taken, in seconds since the epoch
    taken  the same in monotonic seconds
    extra  families of no single collector: how the collectors did, peaks between scrapes, the build
    """

    at: float
    taken: float
    outcomes: Mapping[str, Outcome]
    extra: tuple[Family, ...] = ()

    def reading(self, name: str) -> Any:
        """What the collector of this name read; None where it has no reading."""
        outcome = self.outcomes.get(name)
        return None if outcome is None else outcome.reading

    def families(self, names: Collection[str] | None = None) -> Iterator[Family]:
        """All families, or those of some collectors; families without samples are left out."""
        for name, outcome in self.outcomes.items():
            if names is None or name in names:
                yield from (family for family in outcome.families if family.keys)
        yield from (family for family in self.extra if family.keys)
