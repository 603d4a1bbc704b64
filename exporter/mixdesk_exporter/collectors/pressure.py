"""Time that tasks were held up for want of CPU, I/O or memory: the kernel's pressure stall information."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Family, counter
from mixdesk_exporter.host import Host

# (resource, line of its file): `some` counts while one task waits, `full` while all do.
SHOWN = {
    ("cpu", "some"): counter("node_pressure_cpu_waiting_seconds_total", "Seconds in which a task waited for a CPU."),
    ("io", "some"): counter("node_pressure_io_waiting_seconds_total", "Seconds in which a task waited for I/O."),
    ("io", "full"): counter("node_pressure_io_stalled_seconds_total", "Seconds in which all tasks waited for I/O."),
    ("memory", "some"): counter(
        "node_pressure_memory_waiting_seconds_total", "Seconds in which a task waited for memory."
    ),
    ("memory", "full"): counter(
        "node_pressure_memory_stalled_seconds_total", "Seconds in which all tasks waited for memory."
    ),
    ("irq", "full"): counter(
        "node_pressure_irq_stalled_seconds_total", "Seconds in which all tasks waited for interrupts."
    ),
}
RESOURCES = ("cpu", "io", "memory", "irq")

Pressure = Mapping[tuple[str, str], float]


def collector(host: Host) -> Collector[Pressure]:
    """The collector of this host."""
    return Collector("pressure", lambda: read(host), families)


def read(host: Host) -> Pressure:
    """{(resource, line): seconds}. Raises Absent where the kernel was built or started without it."""
    found: dict[tuple[str, str], float] = {}
    for resource in RESOURCES:
        try:
            lines = parse(host.proc(f"pressure/{resource}"), resource)
            found |= {(resource, line): seconds for line, seconds in lines.items()}
        except Absent:
            continue  # irq came with Linux 6.1
    if not found:
        raise Absent("/proc/pressure: this kernel counts none (CONFIG_PSI, or psi=1 at boot)")
    return found


def parse(content: bytes, resource: str = "cpu") -> Mapping[str, float]:
    """{line: seconds}: `some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS`."""
    try:
        return {line.split()[0].decode(): int(line.rpartition(b"total=")[2]) / 1e6 for line in content.splitlines()}
    except (ValueError, IndexError) as error:
        raise Garbled(f"/proc/pressure/{resource}: {content[:80]!r}") from error


def families(reading: Pressure) -> Iterable[Family]:
    """One family a resource and line."""
    return [SHOWN[key].one(seconds) for key, seconds in reading.items() if key in SHOWN]
