"""What a renderer had to leave out: said once, and counted in a family that the answer itself carries."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mixdesk_exporter.family import Family, counter

if TYPE_CHECKING:
    from prometheus_client import Metric

log = logging.getLogger(__name__)

SERIES_DROPPED = counter("mixdesk_series_dropped_total", "Series that were left out, by family.", "family")
MOST_NAMES = 1000
OTHERS = "others"


class Dropped:
    """Counts by family; several threads may share one."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, family: object, error: Exception) -> None:
        """This family could not be written, now or another time."""
        name = str(getattr(family, "name", None) or type(family).__name__)
        with self._lock:
            is_new = name not in self._counts
            if is_new and len(self._counts) >= MOST_NAMES:
                name = OTHERS
            self._counts[name] += _size(family)
        if is_new:
            log.warning("metric family %s is left out of /metrics: %s", name, error)

    def family(self, others: Sequence[Metric | Family]) -> Family | None:
        """These counts and those of `others`, families of the same name, as one; None where nobody counts."""
        with self._lock:
            sums: dict[str, float] = dict(self._counts)
        if not sums and not others:
            return None
        for name, value in (row for other in others for row in _rows(other)):
            sums[name] = sums.get(name, 0) + value
        return SERIES_DROPPED.of(sorted(sums.items()))


def is_dropped(family: Metric | Family) -> bool:
    """Whether it is the family of what was left out: an answer has one, which its renderer puts together."""
    if isinstance(family, Family):
        return family.descriptor.sample == SERIES_DROPPED.sample
    return family.name == SERIES_DROPPED.name


def _rows(family: Metric | Family) -> Iterable[tuple[str, float]]:
    for sample in family.samples:
        if sample.name == SERIES_DROPPED.sample:
            yield sample.labels.get("family", ""), _digits(sample.value)


def _digits(value: float) -> float:
    return int(value) if float(value).is_integer() else float(value)


def _size(family: object) -> int:
    """How many series it has, one at least."""
    rows = family.keys if isinstance(family, Family) else getattr(family, "samples", ())
    try:
        return max(len(rows), 1)
    except TypeError:
        return 1
