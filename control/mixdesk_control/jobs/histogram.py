"""Classic histograms that are counted here and turned into fresh families at each scrape."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from prometheus_client.metrics_core import HistogramMetricFamily
from prometheus_client.samples import Exemplar

from mixdesk_exporter.exposition.values import shortened

MOST_SERIES = 1000


def label(value: str) -> str:
    """A label value as the exposition writes it, so that what is counted by it is what is shown."""
    return shortened(value)


@dataclass(slots=True)
class _Series:
    counts: list[int]
    total: float = 0.0
    exemplars: dict[int, Exemplar] = field(default_factory=dict)


class Histogram:
    """Counts of one family by label values; label sets beyond a thousand are not counted."""

    def __init__(self, name: str, help_text: str, labels: Sequence[str], bounds: Sequence[float]) -> None:
        self._name, self._help, self._labels = name, help_text, tuple(labels)
        self._bounds = tuple(bounds)
        self._series: dict[tuple[str, ...], _Series] = {}

    def expect(self, *labels: str) -> None:
        """A label set that is shown before anything is observed."""
        key = tuple(label(value) for value in labels)
        if key not in self._series and len(self._series) < MOST_SERIES:
            self._series[key] = _Series([0] * (len(self._bounds) + 1))

    def observe(self, value: float, *labels: str, at: float, trace_id: str | None = None) -> bool:
        """One value; `trace_id` becomes the exemplar of its bucket. False where its labels found no room."""
        self.expect(*labels)
        series = self._series.get(tuple(label(item) for item in labels))
        if series is None:
            return False
        place = bisect_left(self._bounds, value)
        series.counts[place] += 1
        series.total += value
        if trace_id:
            series.exemplars[place] = Exemplar({"trace_id": trace_id}, value, at)
        return True

    def family(self) -> HistogramMetricFamily:
        """What has been counted so far."""
        family = HistogramMetricFamily(self._name, self._help, labels=self._labels)
        for labels, series in self._series.items():
            family.add_metric(list(labels), buckets=list(self._buckets(series)), sum_value=series.total)
        return family

    def _buckets(self, series: _Series) -> Iterator[tuple[str, float] | tuple[str, float, Exemplar]]:
        cumulative = 0
        for place, count in enumerate(series.counts):
            cumulative += count
            bound = repr(float(self._bounds[place])) if place < len(self._bounds) else "+Inf"
            exemplar = series.exemplars.get(place)
            yield (bound, float(cumulative)) if exemplar is None else (bound, float(cumulative), exemplar)
