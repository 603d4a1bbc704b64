"""OpenMetrics 1.0: the same lines with units, exemplars on buckets, and an end mark."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from mixdesk_exporter.exposition.answer import parts
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.values import REPLACED, escaped, finite, label_name, label_value, metric_name, number
from mixdesk_exporter.family import Descriptor, Family

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Exemplar, Sample

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def render(families: Iterable[Metric | Family], lines: Lines) -> bytes:
    """The families in OpenMetrics 1.0; one that cannot be written is left out, and counted."""
    out = parts(families, lines, _head_of, _tail)
    out.append("# EOF\n")
    return "".join(out).encode("utf-8", REPLACED)


def _head_of(family: Metric | Family) -> str:
    return _kept_head(family.descriptor) if isinstance(family, Family) else _head(family)


@cache
def _kept_head(descriptor: Descriptor) -> str:
    return _head(Family(descriptor))


def _head(family: Metric | Family) -> str:
    name = metric_name(family.name)
    unit = f"# UNIT {name} {family.unit}\n" if family.unit else ""
    return f"# HELP {name} {escaped(family.documentation)}\n# TYPE {name} {family.type}\n{unit}"


def _tail(family: Metric, sample: Sample) -> str:
    """Timestamp, then the exemplar where it stands on a histogram's bucket: nowhere else is one published."""
    moment = "" if sample.timestamp is None else f" {finite(sample.timestamp)}"
    if sample.exemplar is None or family.type != "histogram" or not sample.name.endswith("_bucket"):
        return moment
    return moment + _exemplar(sample.exemplar)


def _exemplar(exemplar: Exemplar) -> str:
    pairs = ",".join(f'{label_name(key)}="{label_value(key, value)}"' for key, value in sorted(exemplar.labels.items()))
    moment = "" if exemplar.timestamp is None else f" {finite(exemplar.timestamp)}"
    return f" # {{{pairs}}} {number(exemplar.value)}{moment}"
