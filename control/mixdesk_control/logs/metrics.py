"""The log families of `/metrics`: fresh ones at every scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from mixdesk_control.logs.source import JOBS, InFiles, Service, Source
from mixdesk_exporter.exposition.values import shortened

LABELS = ("service", "source")
OTHER = "other"
MOST = 200  # series of a service; what is beyond is summed as OTHER


def families(services: Sequence[Service], skipped: Mapping[tuple[str, str], int]) -> list[Metric]:
    """All of them. Logs of jobs are one source a job type, as in Loki: jobs come and go."""
    sizes, lines = _Sums(), _Sums()
    named = {}
    for source in (one for service in services for one in service.sources):
        named[source.service, source.id] = _labels(source)
        if source.size is not None:
            sizes.add(_labels(source), _bytes(source))
    for key, count in skipped.items():  # in the order in which they came first, so that no counter shrinks
        lines.add(named.get(key, key), count)
    return [_sizes(sizes.by_labels), _skipped(lines.by_labels)]


class _Sums:
    """Of each source; of each service the first MOST that come, and the rest together."""

    def __init__(self) -> None:
        self.by_labels: dict[tuple[str, str], int] = {}
        self._series: Counter[str] = Counter()

    def add(self, labels: tuple[str, str], value: int) -> None:
        """More of one source."""
        if labels not in self.by_labels:
            if self._series[labels[0]] < MOST:
                self._series[labels[0]] += 1
            else:
                labels = labels[0], OTHER
        self.by_labels[labels] = self.by_labels.get(labels, 0) + value


def _labels(source: Source) -> tuple[str, str]:
    return source.service, (source.job_type or source.id) if source.service == JOBS else source.id


def _bytes(source: Source) -> int:
    older = source.origin.rotated if isinstance(source.origin, InFiles) else ()
    return (source.size or 0) + sum(part.size for part in older)


def _sizes(sizes: Mapping[tuple[str, str], int]) -> Metric:
    family = GaugeMetricFamily("mixdesk_log_source_bytes", "What a log takes with its rotated files.", labels=LABELS)
    for (service, source), size in sorted(sizes.items()):
        family.add_metric([shortened(service), shortened(source)], size)
    return family


def _skipped(lines: Mapping[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily(
        "mixdesk_log_lines_skipped", "Lines that were left out for viewers who were too slow.", labels=LABELS
    )
    for (service, source), count in sorted(lines.items()):
        family.add_metric([shortened(service), shortened(source)], float(count))
    return family
