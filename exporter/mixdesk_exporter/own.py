"""What the exporter says of itself: how each collector did, when the snapshot was taken, which version it is."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.snapshot import Outcome

SUCCESS = gauge("mixdesk_collector_success", "1 where a collector read its source.", "collector")
DURATION = gauge("mixdesk_collector_duration_seconds", "How long a collector took.", "collector")
LAST = gauge("mixdesk_collector_last_success_timestamp_seconds", "When it last succeeded.", "collector")
TAKEN = gauge("mixdesk_snapshot_timestamp_seconds", "When the figures were read.")
BUILD = gauge("mixdesk_build_info", "The version of Mixdesk; always 1.", "version")
# By these, dashboards made for node_exporter choose their instances.
NODE_SUCCESS = gauge("node_scrape_collector_success", "1 where a collector read its source.", "collector")
NODE_DURATION = gauge("node_scrape_collector_duration_seconds", "How long a collector took.", "collector")
NODE_BUILD = gauge(
    "node_exporter_build_info",
    "The exporter that stands in for node_exporter; always 1.",
    "branch",
    "goarch",
    "goos",
    "goversion",
    "revision",
    "tags",
    "version",
)


@dataclass(slots=True)
class Record:
    """What is remembered of a collector from one snapshot to the next.

    listed  somebody named it in the settings: it is missed where its source was never found
    """

    name: str
    listed: bool = False
    asked: bool = False
    last_success: float | None = None

    def note(self, outcome: Outcome) -> None:
        """One more outcome."""
        self.asked = True
        if outcome.good:
            self.last_success = outcome.at

    def is_shown(self, outcome: Outcome) -> bool:
        """A source that was never here is not a failure."""
        return not outcome.absent or self.listed or self.last_success is not None


def own_families(
    at: float, records: Sequence[Record], outcomes: Mapping[str, Outcome], *, node_names: bool = True
) -> tuple[Family, ...]:
    """The families about a snapshot taken `at`; `node_names` adds those by which node_exporter is known."""
    shown = [
        (record, outcome)
        for record in records
        if (outcome := outcomes.get(record.name)) is not None and record.is_shown(outcome)
    ]
    names = [record.name for record, _ in shown]
    success = [int(outcome.good) for _, outcome in shown]
    seconds = [round(outcome.seconds, 6) for _, outcome in shown]
    succeeded = [record for record, _ in shown if record.last_success is not None]
    own, as_node = _build_of_this()
    found = (
        Family(SUCCESS, list(names), list(success)),
        Family(DURATION, list(names), list(seconds)),
        LAST.of((record.name, round(record.last_success or 0.0, 3)) for record in succeeded),
        TAKEN.one(round(at, 3)),
        own,
    )
    if not node_names:
        return found
    return (
        *found,
        as_node,
        Family(NODE_SUCCESS, list(names), list(success)),
        Family(NODE_DURATION, list(names), list(seconds)),
    )


@cache
def version() -> str:
    """Of the installed distribution."""
    return metadata.version("mixdesk")


def build(version: str, machine: str, system: str) -> tuple[Family, Family]:
    """What stands in for the build: under our name and under node_exporter's."""
    values = ("", machine, system, "", "", "mixdesk", version)
    return BUILD.of([(version, 1)]), NODE_BUILD.of([(values, 1)])


@cache
def _build_of_this() -> tuple[Family, Family]:
    return build(version(), platform.machine(), platform.system().lower())
