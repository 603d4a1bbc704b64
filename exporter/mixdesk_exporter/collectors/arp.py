"""Entries of the ARP table by interface, from /proc/net/arp of the host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.family import Family, gauge
from mixdesk_exporter.host import Host

ENTRIES = gauge("node_arp_entries", "Entries of the ARP table.", "device")


def collector(host: Host) -> Collector[Mapping[str, int]]:
    """The collector of this host."""
    return Collector("arp", lambda: parse(host.of_init("net/arp")), families, live=False)


def parse(content: bytes) -> Mapping[str, int]:
    """{interface: entries}: the last of six columns, after a line of headings."""
    lines = (line.split() for line in content.splitlines()[1:])
    return Counter(words[5].decode("utf-8", "replace") for words in lines if len(words) > 5)


def families(reading: Mapping[str, int]) -> Iterable[Family]:
    """By interface."""
    return (ENTRIES.of(reading.items()),)
