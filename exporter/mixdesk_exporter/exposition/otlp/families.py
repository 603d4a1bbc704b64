"""Metric families of Prometheus as OTLP: dots in the name, the unit beside it, histograms with explicit bounds. Pure.

A receiver that makes Prometheus names of them again (its names' dots underscores, its units suffixes, `_total` after
counters) comes to the names that the families had:
https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    Sum,
)

from mixdesk_exporter.family import Family

if TYPE_CHECKING:
    from prometheus_client import Metric as PrometheusMetric
    from prometheus_client.samples import Sample

# {suffix of a name: its unit in UCUM}
UNITS = {"seconds": "s", "bytes": "By", "ratio": "1", "celsius": "Cel", "joules": "J", "watts": "W"}
# Names that count something: what, as UCUM annotates it. A receiver leaves it out of the name.
COUNTED = {
    "mixdesk_job_epoch": "{epoch}",
    "mixdesk_job_epochs": "{epoch}",
    "mixdesk_job_steps": "{step}",
    "mixdesk_job_steps_planned": "{step}",
    "mixdesk_jobs": "{job}",
    "mixdesk_jobs_finished": "{job}",
    "mixdesk_checkpoints": "{checkpoint}",
    "mixdesk_actions": "{action}",
    "mixdesk_asset_restarts": "{restart}",
    "mixdesk_asset_transitions": "{transition}",
    "mixdesk_http_requests": "{request}",
    "mixdesk_container_restarts": "{restart}",
    "mixdesk_gpu_xid_errors": "{error}",
}

Labels = Mapping[str, str]
StartOf = Callable[[Labels], float | None]


def named(name: str, kind: str = "gauge") -> tuple[str, str]:
    """`mixdesk_job_eta_seconds` -> (`mixdesk.job.eta`, `s`): project, subject and the rest are parted by dots."""
    stem, _, suffix = name.rpartition("_")
    unit = UNITS.get(suffix, "")
    # Receivers put `ratio` behind the names of gauges alone.
    bare = stem if unit and (unit != "1" or kind == "gauge") else name
    project, _, rest = bare.partition("_")
    subject, _, figure = rest.partition("_")
    return ".".join(filter(None, (project, subject, figure))), unit or COUNTED.get(name, "")


def metrics_of(
    families: Iterable[PrometheusMetric | Family], at: float, start: float, start_of: StartOf = lambda _: None
) -> list[Metric]:
    """Gauges, counters and classic histograms with what they hold `at`, in seconds since the epoch.

    Counters count since `start`, or since what `start_of` says of the labels; exemplars are left out. A family
    without samples is left out, so is one of another type than these.
    """
    at_ns = int(at * 1e9)

    def since(labels: Labels) -> int:
        own = start_of(labels)
        return min(int((start if own is None else own) * 1e9), at_ns)

    found = (_metric(family, at_ns, since) for family in families)
    return [metric for metric in found if metric is not None]


Since = Callable[[Labels], int]


def _metric(family: PrometheusMetric | Family, at: int, since: Since) -> Metric | None:
    name, unit = named(family.name, family.type)
    data = _data(family.type, family.samples, at, since)
    return Metric(name, family.documentation, unit, data) if data is not None and data.data_points else None


def _data(kind: str, samples: Iterable[Sample], at: int, since: Since) -> Gauge | Sum | Histogram | None:
    if kind in ("gauge", "unknown"):
        return Gauge([_number(sample, 0, at) for sample in samples])
    if kind == "counter":
        points = [_number(item, since(item.labels), at) for item in samples if item.name.endswith("_total")]
        return Sum(points, AggregationTemporality.CUMULATIVE, is_monotonic=True)
    if kind == "histogram":
        found = [_distribution(dict(key), group, since, at) for key, group in _by_labels(samples).items()]
        return Histogram(found, AggregationTemporality.CUMULATIVE)
    return None


def _number(sample: Sample, start: int, at: int) -> NumberDataPoint:
    return NumberDataPoint(dict(sample.labels), start, at, float(sample.value))


# -- histograms ------------------------------------------------------------------------------------------

Key = tuple[tuple[str, str], ...]


def _by_labels(samples: Iterable[Sample]) -> dict[Key, list[Sample]]:
    """The lines of each histogram of a family."""
    found: dict[Key, list[Sample]] = {}
    for sample in samples:
        key = tuple((name, value) for name, value in sorted(sample.labels.items()) if name != "le")
        found.setdefault(key, []).append(sample)
    return found


def _distribution(labels: dict[str, str], samples: Iterable[Sample], since: Since, at: int) -> HistogramDataPoint:
    """Prometheus counts up to each bound, OTLP between two of them."""
    samples = list(samples)
    buckets = sorted((float(item.labels["le"]), int(item.value)) for item in samples if item.name.endswith("_bucket"))
    counts = [count for _, count in buckets]
    total = next((item.value for item in samples if item.name.endswith("_sum")), 0.0)
    return HistogramDataPoint(
        attributes=labels,
        start_time_unix_nano=since(labels),
        time_unix_nano=at,
        count=counts[-1],
        sum=float(total),
        bucket_counts=[count - before for before, count in zip([0, *counts], counts, strict=False)],
        explicit_bounds=[bound for bound, _ in buckets if bound < math.inf],
        min=None,  # type: ignore[arg-type]  # nobody has kept it, and the encoder leaves it out
        max=None,  # type: ignore[arg-type]
    )
