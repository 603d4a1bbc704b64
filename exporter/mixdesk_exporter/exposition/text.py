"""The text format 0.0.4, which everything that scrapes can read."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from mixdesk_exporter.exposition.answer import parts
from mixdesk_exporter.exposition.lines import Lines
from mixdesk_exporter.exposition.values import REPLACED, metric_name
from mixdesk_exporter.family import Descriptor, Family

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.samples import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render(families: Iterable[Metric | Family], lines: Lines) -> bytes:
    """The families in text format 0.0.4; one that cannot be written is left out, and counted."""
    out = parts(families, lines, _head_of, _tail)
    return "".join(out).encode("utf-8", REPLACED)


def _head_of(family: Metric | Family) -> str:
    return _kept_head(family.descriptor) if isinstance(family, Family) else _head(family)


@cache
def _kept_head(descriptor: Descriptor) -> str:
    return _head(Family(descriptor))


def _head(family: Metric | Family) -> str:
    # This format names a counter with its suffix, and has an older word for unknown.
    name = metric_name(family.name + "_total" if family.type == "counter" else family.name)
    kind = "untyped" if family.type == "unknown" else family.type
    documentation = family.documentation.replace("\\", "\\\\").replace("\n", "\\n")
    return f"# HELP {name} {documentation}\n# TYPE {name} {kind}\n"


def _tail(_: Metric, sample: Sample) -> str:
    """The timestamp in milliseconds; exemplars have no place in this format."""
    return "" if sample.timestamp is None else f" {int(float(sample.timestamp) * 1000)}"
