"""Sockets in use, from /proc/net/sockstat and sockstat6 of the host."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Descriptor, Family, gauge
from mixdesk_exporter.host import Host

PAGE = os.sysconf("SC_PAGE_SIZE")

Counts = Mapping[str, int]


def collector(host: Host) -> Collector[Counts]:
    """The collector of this host."""
    return Collector("sockstat", lambda: read(host), families, live=False)


def read(host: Host) -> Counts:
    """{`PROTOCOL_field`: count}; without the second file where the host has no IPv6."""
    counts = parse(host.of_init("net/sockstat"))
    try:
        return {**counts, **parse(host.of_init("net/sockstat6"), "sockstat6")}
    except Absent:
        return counts


def parse(content: bytes, file: str = "sockstat") -> Counts:
    """Lines `TCP: inuse 4 orphan 0 ...`; `mem` counts pages, and is given in bytes beside it."""
    counts: dict[str, int] = {}
    for line in content.splitlines():
        try:
            protocol, *words = line.decode("ascii", "replace").split()
            counts |= {f"{protocol[:-1]}_{key}": int(value) for key, value in zip(words[::2], words[1::2], strict=True)}
        except ValueError as error:
            raise Garbled(f"/proc/net/{file}: {line[:80]!r}") from error
    return counts | {f"{key}_bytes": value * PAGE for key, value in counts.items() if key.endswith("_mem")}


@cache
def _descriptor(key: str) -> Descriptor:
    return gauge(f"node_sockstat_{key}", f"{key.replace('_', ' ')} of /proc/net/sockstat.")


def families(reading: Counts) -> Iterable[Family]:
    """One family a field."""
    return [_descriptor(key).one(value) for key, value in reading.items()]
