"""How long tasks ran and waited on each core, from /proc/schedstat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, counter
from mixdesk_exporter.host import Host

RUNNING = counter("node_schedstat_running_seconds_total", "Seconds that a core spent running tasks.", "cpu")
WAITING = counter("node_schedstat_waiting_seconds_total", "Seconds that tasks waited for this core.", "cpu")
SLICES = counter("node_schedstat_timeslices_total", "Time slices run on a core.", "cpu")

Rows = Sequence[tuple[str, int, int, int]]


def collector(host: Host) -> Collector[Rows]:
    """The collector of this host."""
    return Collector("schedstat", lambda: parse(host.proc("schedstat")), families, live=False)


def parse(content: bytes) -> Rows:
    """(core, ns running, ns waiting, slices): the last three of the nine numbers of a line `cpu0 ...`."""
    found = []
    for line in content.splitlines():
        words = line.split()
        if len(words) >= 10 and words[0].startswith(b"cpu"):
            try:
                running, waiting, slices = (int(word) for word in words[7:10])
            except ValueError as error:
                raise Garbled(f"/proc/schedstat: {line[:80]!r}") from error
            found.append((words[0][3:].decode(), running, waiting, slices))
    return found


def families(reading: Rows) -> Iterable[Family]:
    """By core."""
    return (
        RUNNING.of((core, running / 1e9) for core, running, _, _ in reading),
        WAITING.of((core, waiting / 1e9) for core, _, waiting, _ in reading),
        SLICES.of((core, slices) for core, _, _, slices in reading),
    )
