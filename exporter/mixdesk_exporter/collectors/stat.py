"""What the kernel counts as a whole: interrupts, context switches, forks, running processes, from /proc/stat."""

from __future__ import annotations

from collections.abc import Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, counter, gauge
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import Stat

INTERRUPTS = counter("node_intr_total", "Interrupts serviced.")
SWITCHES = counter("node_context_switches_total", "Context switches.")
BOOT = gauge("node_boot_time_seconds", "When the host booted, in seconds since the epoch.")
FORKS = counter("node_forks_total", "Forks.")
RUNNING = gauge("node_procs_running", "Processes that can run.")
BLOCKED = gauge("node_procs_blocked", "Processes that wait for I/O.")

FIELDS = {
    b"intr": "interrupts",
    b"ctxt": "context_switches",
    b"btime": "boot_time",
    b"processes": "forks",
    b"procs_running": "running",
    b"procs_blocked": "blocked",
}


def collector(host: Host) -> Collector[Stat]:
    """The collector of this host."""
    return Collector("stat", lambda: parse(host.proc("stat")), families)


def parse(content: bytes) -> Stat:
    """The lines after those of the cores; of `intr` and `softirq` the sum, which stands first."""
    found = dict.fromkeys(FIELDS.values(), 0)
    for line in content[content.find(b"\nintr") + 1 :].split(b"\n"):
        name, _, rest = line.partition(b" ")
        field = FIELDS.get(name)
        if field is not None:
            found[field] = _number(line, rest)
    if not found["boot_time"]:
        raise Garbled("/proc/stat has no line btime")
    return Stat(**found)


def _number(line: bytes, rest: bytes) -> int:
    try:
        return int(rest.partition(b" ")[0])
    except ValueError as error:
        raise Garbled(f"/proc/stat: {line[:80]!r}") from error


def families(reading: Stat) -> Iterable[Family]:
    """One sample each."""
    return (
        INTERRUPTS.one(reading.interrupts),
        SWITCHES.one(reading.context_switches),
        BOOT.one(reading.boot_time),
        FORKS.one(reading.forks),
        RUNNING.one(reading.running),
        BLOCKED.one(reading.blocked),
    )
