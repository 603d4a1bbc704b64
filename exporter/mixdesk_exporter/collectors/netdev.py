"""Traffic of the network interfaces, from /proc/net/dev of the host."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Descriptor, Family, counter
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Interface

RECEIVE = ("bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast")
TRANSMIT = ("bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed")


def _descriptors(direction: str, fields: Sequence[str]) -> list[Descriptor]:
    return [
        counter(f"node_network_{direction}_{field}_total", f"Column {field} of /proc/net/dev, {direction}.", "device")
        for field in fields
    ]


DESCRIPTORS = [*_descriptors("receive", RECEIVE), *_descriptors("transmit", TRANSMIT)]


def collector(host: Host) -> Collector[Sequence[Interface]]:
    """The collector of this host."""
    return Collector("netdev", lambda: parse(host.of_init("net/dev")), families)


def parse(content: bytes) -> Sequence[Interface]:
    """One line an interface after two of headings: `eth0: 8 numbers received, 8 sent`."""
    found = {}  # an interface that moves between two pages of the file may stand in both
    for line in content.splitlines()[2:]:
        name, colon, rest = line.rpartition(b":")  # an alias such as eth0:1 has one of its own
        words = rest.split()
        if not colon or len(words) < 16:
            raise Garbled(f"/proc/net/dev: {line[:80]!r}")
        interface = _interface(name, words)
        found[interface.name] = interface
    return list(found.values())


def _interface(name: bytes, words: Sequence[bytes]) -> Interface:
    try:
        numbers = tuple(map(int, words[:16]))
    except ValueError as error:
        raise Garbled(f"/proc/net/dev: {name!r}: {error}") from error
    return Interface(name.strip().decode("utf-8", "replace"), numbers[:8], numbers[8:])


def families(reading: Sequence[Interface]) -> Iterable[Family]:
    """One family a column."""
    names = [item.name for item in reading]
    columns = zip(*(item.receive + item.transmit for item in reading), strict=True)
    return [Family(desc, list(names), list(column)) for desc, column in zip(DESCRIPTORS, columns, strict=False)]
