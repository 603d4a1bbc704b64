"""Snapshots as OTLP metrics, in the names of OpenTelemetry's semantic conventions 1.44. Pure.

Whoever imports this imports OpenTelemetry's SDK: only the pusher does, and only when it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from mixdesk_exporter.exposition.otlp.containers import CONTAINER, resource_attributes, running
from mixdesk_exporter.exposition.otlp.families import metrics_of
from mixdesk_exporter.exposition.otlp.hardware import HARDWARE
from mixdesk_exporter.exposition.otlp.host import Rows, Sight
from mixdesk_exporter.exposition.otlp.instrument import Attribute, Instrument, Moment, Starts, nanoseconds
from mixdesk_exporter.exposition.otlp.system import SYSTEM
from mixdesk_exporter.family import Family
from mixdesk_exporter.own import version
from mixdesk_exporter.readings import Container, Stat
from mixdesk_exporter.snapshot import Snapshot

SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
CONVENTIONS, OWN = "mixdesk_exporter", "mixdesk"  # names of the two scopes
# Families of our own whose figures the conventions have a name for.
CONVENTIONAL = frozenset(
    f"mixdesk_gpu_{name}"
    for name in (
        "utilization_ratio",
        "memory_used_bytes",
        "memory_total_bytes",
        "temperature_celsius",
        "power_watts",
        "energy_joules",
    )
)

T = TypeVar("T")


def resource(attributes: Mapping[str, Attribute]) -> Resource:
    """Who sends, and with what. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME are heard before `attributes`."""
    return Resource.create(attributes, SCHEMA).merge(OTELResourceDetector().detect())


def scope(name: str, schema: str | None = None) -> InstrumentationScope:
    """This program as the source of metrics."""
    return InstrumentationScope(name, version(), schema)


def packed(sender: Resource, parts: Mapping[InstrumentationScope, Sequence[Metric]]) -> ResourceMetrics:
    """The metrics of one resource; scopes without any are left out."""
    scopes = [ScopeMetrics(by, metrics, by.schema_url or "") for by, metrics in parts.items() if metrics]
    return ResourceMetrics(sender, scopes, sender.schema_url)


@dataclass(slots=True)
class HostMetrics:
    """Snapshots of one host -> what is pushed of it. It remembers the one before, for shares and counters' starts.

    began  when this exporter began, in seconds since the epoch: since then its own counters count
    """

    sender: Resource
    began: float
    _before: Snapshot | None = None
    _starts: Starts = field(default_factory=Starts)

    def of(self, snapshot: Snapshot) -> MetricsData:
        """All of one snapshot: the host with its GPUs, and each running container as a resource of its own."""
        sight = Sight(self._before, snapshot)
        self._before = snapshot
        stat: Stat | None = snapshot.reading("stat")
        booted = self.began if stat is None else float(stat.boot_time)
        self._starts.next_round()
        moment = Moment(nanoseconds(snapshot.at), nanoseconds(booted), self._starts)
        parts = {
            scope(CONVENTIONS, SCHEMA): list(_measured((*SYSTEM, *HARDWARE), lambda rows: rows(sight), moment)),
            scope(OWN): metrics_of(_own(snapshot), snapshot.at, self.began),
        }
        containers = [_container(self.sender, item, snapshot) for item in running(snapshot.reading("containers"))]
        return MetricsData([packed(self.sender, parts), *containers])


def _measured(
    instruments: Sequence[tuple[Instrument, T]], rows: Callable[[T], Rows], moment: Moment
) -> Iterator[Metric]:
    found = (instrument.of(rows(source), moment) for instrument, source in instruments)
    return (metric for metric in found if metric is not None)


def _own(snapshot: Snapshot) -> Iterator[Family]:
    mine = (family for family in snapshot.families() if family.name.startswith("mixdesk_"))
    return (family for family in mine if family.name not in CONVENTIONAL)


def _container(sender: Resource, item: Container, snapshot: Snapshot) -> ResourceMetrics:
    group = item.group
    assert group is not None
    moment = Moment(nanoseconds(snapshot.at), nanoseconds(item.started_at or snapshot.at))
    metrics = list(_measured(CONTAINER, lambda rows: rows(item, group, snapshot.at), moment))
    who = sender.merge(Resource(resource_attributes(item)))
    return packed(who, {scope(CONVENTIONS, SCHEMA): metrics})
