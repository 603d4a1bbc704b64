"""Load averages, from /proc/loadavg."""

from __future__ import annotations

from collections.abc import Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Load

LOADS = (
    gauge("node_load1", "Load average over one minute."),
    gauge("node_load5", "Load average over five minutes."),
    gauge("node_load15", "Load average over fifteen minutes."),
)


def collector(host: Host) -> Collector[Load]:
    """The collector of this host."""
    return Collector("loadavg", lambda: parse(host.proc("loadavg")), families)


def parse(content: bytes) -> Load:
    """The first three numbers of /proc/loadavg."""
    try:
        one, five, fifteen = (float(word) for word in content.split()[:3])
    except ValueError as error:
        raise Garbled(f"/proc/loadavg: {content[:60]!r}") from error
    return Load((one, five, fifteen))


def families(reading: Load) -> Iterable[Family]:
    """One sample each."""
    return [descriptor.one(value) for descriptor, value in zip(LOADS, reading.minutes, strict=True)]
