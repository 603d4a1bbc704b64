"""Memory and swap, from /proc/meminfo."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Descriptor, Family, gauge
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Memory


def collector(host: Host) -> Collector[Memory]:
    """The collector of this host."""
    return Collector("meminfo", lambda: parse(host.proc("meminfo")), families)


def parse(content: bytes) -> Memory:
    """Every line `Name: 123 kB`; the few without a unit are counts."""
    fields, counts = {}, {}
    for line in content.splitlines():
        try:
            name, *words = line.split()
            number = int(words[0])
        except (IndexError, ValueError) as error:
            raise Garbled(f"/proc/meminfo: {line[:80]!r}") from error
        if len(words) > 1:
            fields[_field(name)] = number * 1024
        else:
            counts[_field(name)] = number
    if "MemTotal" not in fields:
        raise Garbled("/proc/meminfo has no line MemTotal")
    return Memory(fields, counts)


@cache
def _field(name: bytes) -> str:
    return name.decode("ascii", "replace").rstrip(":").replace("(", "_").replace(")", "")


@cache
def _descriptor(field: str, suffix: str) -> Descriptor:
    return gauge(f"node_memory_{field}{suffix}", f"{field} of /proc/meminfo.")


def families(reading: Memory) -> Iterable[Family]:
    """One family a field, as node_exporter names them."""
    return [
        *(_descriptor(field, "_bytes").one(value) for field, value in reading.fields.items()),
        *(_descriptor(field, "").one(value) for field, value in reading.counts.items()),
    ]
