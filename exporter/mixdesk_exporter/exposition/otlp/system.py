"""The host as `system.*`: https://opentelemetry.io/docs/specs/semconv/system/system-metrics/ (version 1.44).

The load averages are not in it; the OpenTelemetry Collector's names stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable

from mixdesk_exporter.exposition.otlp import host
from mixdesk_exporter.exposition.otlp.host import Rows, Sight
from mixdesk_exporter.exposition.otlp.instrument import COUNTER, GAUGE, UPDOWNCOUNTER, Instrument

CORE = ("cpu.mode", "cpu.logical_number")
DISK = ("system.device", "disk.io.direction")
MOUNT = ("system.device", "system.filesystem.type", "system.filesystem.mode", "system.filesystem.mountpoint")
NETWORK = ("network.interface.name", "network.io.direction")
PAGE_STATE = ("system.memory.linux.hugepages.state",)


def _counter(name: str, unit: str, text: str, *attributes: str, whole: bool = True) -> Instrument:
    return Instrument(name, COUNTER, unit, text, attributes, whole)


def _amount(name: str, unit: str, text: str, *attributes: str) -> Instrument:
    return Instrument(name, UPDOWNCOUNTER, unit, text, attributes, whole=True)


def _gauge(name: str, unit: str, text: str, *attributes: str) -> Instrument:
    return Instrument(name, GAUGE, unit, text, attributes)


SYSTEM: tuple[tuple[Instrument, Callable[[Sight], Rows]], ...] = (
    (_gauge("system.uptime", "s", "Time since the host booted."), host.uptime),
    (_counter("system.cpu.time", "s", "Time of a core in a mode.", *CORE, whole=False), host.cpu_time),
    (_gauge("system.cpu.utilization", "1", "Share of a core's time in a mode.", *CORE), host.cpu_utilization),
    (_amount("system.cpu.logical.count", "{cpu}", "Cores that the kernel sees."), host.cpu_count),
    (_gauge("system.cpu.load_average.1m", "{thread}", "Load average over one minute."), host.load(0)),
    (_gauge("system.cpu.load_average.5m", "{thread}", "Load average over five minutes."), host.load(1)),
    (_gauge("system.cpu.load_average.15m", "{thread}", "Load average over fifteen minutes."), host.load(2)),
    (_amount("system.memory.usage", "By", "Memory by state.", "system.memory.state"), host.memory_usage),
    (
        _gauge("system.memory.utilization", "1", "Share of memory.", "system.memory.state"),
        host.memory_utilization,
    ),
    (_amount("system.memory.limit", "By", "Memory."), host.field("MemTotal")),
    (_amount("system.memory.linux.available", "By", "Memory for new processes."), host.field("MemAvailable")),
    (_amount("system.memory.linux.shared", "By", "Shared memory, tmpfs included."), host.field("Shmem")),
    (_amount("system.memory.linux.slab.usage", "By", "Kernel caches.", "system.memory.linux.slab.state"), host.slab),
    (_amount("system.memory.linux.hugepages.limit", "{page}", "Huge pages."), host.field("HugePages_Total")),
    (_amount("system.memory.linux.hugepages.usage", "{page}", "Huge pages by state.", *PAGE_STATE), host.huge_pages),
    (_amount("system.memory.linux.hugepages.reserved", "{page}", "Promised huge pages."), host.field("HugePages_Rsvd")),
    (
        _amount("system.memory.linux.hugepages.surplus", "{page}", "Huge pages too many."),
        host.field("HugePages_Surp"),
    ),
    (_amount("system.memory.linux.hugepages.page_size", "By", "Size of a huge page."), host.field("Hugepagesize")),
    (_amount("system.paging.usage", "By", "Swap by state.", "system.paging.state"), host.paging_usage),
    (
        _gauge("system.paging.utilization", "1", "Share of swap.", "system.paging.state"),
        host.paging_utilization,
    ),
    (_counter("system.paging.faults", "{fault}", "Page faults.", "system.paging.fault.type"), host.faults),
    (
        _counter(
            "system.paging.operations",
            "{operation}",
            "Pages from and to swap.",
            "system.paging.fault.type",
            "system.paging.direction",
        ),
        host.paging_operations,
    ),
    (_counter("system.disk.io", "By", "Bytes read and written.", *DISK), host.disk(2, 6)),
    (_counter("system.disk.operations", "{operation}", "Reads and writes.", *DISK), host.disk(0, 4)),
    (_counter("system.disk.merged", "{operation}", "Reads and writes merged with others.", *DISK), host.disk(1, 5)),
    (
        _counter("system.disk.operation_time", "s", "Time of all reads and writes.", *DISK, whole=False),
        host.disk(3, 7),
    ),
    (
        _counter("system.disk.io_time", "s", "Time in which a request was under way.", "system.device", whole=False),
        host.io_time,
    ),
    (
        _amount("system.filesystem.usage", "By", "Space.", *MOUNT, "system.filesystem.state"),
        host.filesystem_usage,
    ),
    (
        _gauge("system.filesystem.utilization", "1", "Share of space.", *MOUNT, "system.filesystem.state"),
        host.filesystem_utilization,
    ),
    (_amount("system.filesystem.limit", "By", "Size of a file system.", *MOUNT), host.filesystem_limit),
    (_counter("system.network.io", "By", "Bytes received and sent.", *NETWORK), host.network(0)),
    (
        _counter(
            "system.network.packet.count",
            "{packet}",
            "Packets received and sent.",
            "system.device",
            "network.io.direction",
        ),
        host.network(1),
    ),
    (_counter("system.network.errors", "{error}", "Errors in receiving and sending.", *NETWORK), host.network(2)),
    (_counter("system.network.packet.dropped", "{packet}", "Packets dropped.", *NETWORK), host.network(3)),
    (_counter("system.process.created", "{process}", "Processes and threads started."), host.created),
)
