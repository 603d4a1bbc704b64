"""Connections that the firewall follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.collectors.words import whole
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

FILES = {
    "sys/net/netfilter/nf_conntrack_count": gauge("node_nf_conntrack_entries", "Connections followed."),
    "sys/net/netfilter/nf_conntrack_max": gauge("node_nf_conntrack_entries_limit", "Connections that can be followed."),
}
# Sums over the cores since boot; gauges by node_exporter's choice.
STATS = {
    column: gauge(f"node_nf_conntrack_stat_{column}", f"Column {column} of /proc/net/stat/nf_conntrack.")
    for column in ("found", "invalid", "ignore", "insert", "insert_failed", "drop", "early_drop", "search_restart")
}

Counts = Mapping[str, int]


def collector(host: Host) -> Collector[Counts]:
    """The collector of this host."""
    return Collector("conntrack", lambda: read(host), families, live=False)


def read(host: Host) -> Counts:
    """{file or column: count}. Raises Absent where the kernel follows no connections."""
    counts = {name: whole(name, host.proc(name)) for name in FILES}
    try:
        return counts | parse(host.of_init("net/stat/nf_conntrack"))
    except Absent:
        return counts


def parse(content: bytes) -> dict[str, int]:
    """{column: sum over the cores}: headings, then a line of hexadecimal numbers a core."""
    headings, *lines = content.decode("ascii", "replace").splitlines() or [""]
    places = {name: place for place, name in enumerate(headings.split()) if name in STATS}
    try:
        rows = [[int(word, 16) for word in line.split()] for line in lines]
        return {name: sum(row[place] for row in rows) for name, place in places.items()}
    except (ValueError, IndexError) as error:
        raise Garbled(f"/proc/net/stat/nf_conntrack: {error}") from error


def families(reading: Counts) -> Iterable[Family]:
    """One sample each."""
    return [(FILES.get(name) or STATS[name]).one(value) for name, value in reading.items()]
