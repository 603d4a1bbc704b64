"""How each core got on with the packets it was given, from /proc/net/softnet_stat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, counter, gauge
from mixdesk_exporter.host import Host

CPU = 12

# {column: descriptor}, in hexadecimal; older kernels have fewer columns (net/core/net-procfs.c).
COLUMNS = {
    0: counter("node_softnet_processed_total", "Packets processed.", "cpu"),
    1: counter("node_softnet_dropped_total", "Packets dropped.", "cpu"),
    2: counter("node_softnet_times_squeezed_total", "Times the budget ran out with packets left.", "cpu"),
    8: counter("node_softnet_cpu_collision_total", "Collisions with another core at a device's lock.", "cpu"),
    9: counter("node_softnet_received_rps_total", "Wake-ups by another core to process packets.", "cpu"),
    10: counter("node_softnet_flow_limit_count_total", "Times that the flow limit was reached.", "cpu"),
    11: gauge("node_softnet_backlog_len", "Packets waiting.", "cpu"),
}

Rows = Sequence[tuple[str, Sequence[int]]]


def collector(host: Host) -> Collector[Rows]:
    """The collector of this host."""
    return Collector("softnet", lambda: parse(host.proc("net/softnet_stat")), families, live=False)


def parse(content: bytes) -> Rows:
    """(core, its columns), a line a core that is online."""
    found: dict[str, Sequence[int]] = {}
    for place, line in enumerate(content.splitlines()):
        try:
            numbers = [int(word, 16) for word in line.split()]
        except ValueError as error:
            raise Garbled(f"/proc/net/softnet_stat: {line[:80]!r}") from error
        found[str(numbers[CPU] if len(numbers) > CPU else place)] = numbers
    return list(found.items())


def families(reading: Rows) -> Iterable[Family]:
    """By core, one family a column that this kernel has."""
    made = (
        descriptor.of((core, numbers[column]) for core, numbers in reading if column < len(numbers))
        for column, descriptor in COLUMNS.items()
    )
    return [family for family in made if family.keys]
