"""Seconds of each core in each mode, from /proc/stat."""

from __future__ import annotations

import os
from collections.abc import Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Garbled
from mixdesk_exporter.family import Family, counter
from mixdesk_exporter.host import Host
from mixdesk_exporter.readings import CPU_MODES, Cpu, CpuTimes

SECONDS = counter("node_cpu_seconds_total", "Seconds that a core spent in a mode.", "cpu", "mode")
GUEST = counter("node_cpu_guest_seconds_total", "Seconds that a core spent for guests.", "cpu", "mode")
GUEST_MODES = ("user", "nice")

TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


def collector(host: Host) -> Collector[Cpu]:
    """The collector of this host."""
    return Collector("cpu", lambda: parse(host.proc("stat")), families)


def parse(content: bytes, tick_s: float = TICK_S) -> Cpu:
    """The lines `cpu0 ...` of /proc/stat; the sum over all cores is left out."""
    cores = {}
    for line in content.split(b"\n"):
        if not line.startswith(b"cpu"):
            break  # they stand first
        name, *ticks = line.split()
        if name != b"cpu":
            cores[name[3:].decode("ascii", "replace")] = _times(line, ticks, tick_s)
    if not cores:
        raise Garbled(f"/proc/stat begins with {content[:60]!r}: no line of a core")
    return Cpu(cores)


def _times(line: bytes, ticks: list[bytes], tick_s: float) -> CpuTimes:
    try:
        # Old kernels have fewer columns. A division keeps two decimals where a product would show sixteen.
        seconds = [int(tick) / (1 / tick_s) for tick in ticks[:10]]
    except (ValueError, OverflowError) as error:
        raise Garbled(f"/proc/stat: {line[:80]!r}") from error
    if len(seconds) < 4:
        raise Garbled(f"/proc/stat: {line[:80]!r}")
    seconds += [0.0] * (10 - len(seconds))
    return CpuTimes(tuple(seconds[:8]), (seconds[8], seconds[9]))


def families(reading: Cpu) -> Iterable[Family]:
    """By core and mode."""
    seconds, guest = Family(SECONDS), Family(GUEST)
    for core, times in reading.cores.items():
        seconds.keys += [(core, mode) for mode in CPU_MODES]
        seconds.values += times.modes
        guest.keys += [(core, mode) for mode in GUEST_MODES]
        guest.values += times.guest
    return seconds, guest
