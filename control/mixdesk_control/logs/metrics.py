"""The log families of `/metrics`: fresh ones at every scrape."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from mixdesk_control.logs.source import JOBS, InFiles, Service, Source
from mixdesk_exporter.exposition.values import shortened

LABELS = ("service", "source")


def families(services: Sequence[Service], skipped: Mapping[tuple[str, str], int]) -> list[Metric]:
    """All of them. Logs of jobs are one source a job type, as in Loki: jobs come and go."""
    sizes: defaultdict[tuple[str, str], float] = defaultdict(float)
    lines: defaultdict[tuple[str, str], int] = defaultdict(int)
    named = {}
    for source in (one for service in services for one in service.sources):
        named[source.service, source.id] = _labels(source)
        if source.size is not None:
            sizes[_labels(source)] += _bytes(source)
    for key, count in skipped.items():
        lines[named.get(key, key)] += count
    return [_sizes(sizes), _skipped(lines)]


def _labels(source: Source) -> tuple[str, str]:
    return source.service, (source.job_type or source.id) if source.service == JOBS else source.id


def _bytes(source: Source) -> int:
    older = source.origin.rotated if isinstance(source.origin, InFiles) else ()
    return (source.size or 0) + sum(part.size for part in older)


def _sizes(sizes: Mapping[tuple[str, str], float]) -> Metric:
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
