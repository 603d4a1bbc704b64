"""Readings of the host as rows for the instruments of `system.*`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixdesk_exporter.exposition.otlp.instrument import Row
from mixdesk_exporter.readings import CPU_MODES, Cpu, CpuTimes, Disk, Interface, Memory, Stat, Usage
from mixdesk_exporter.snapshot import Snapshot

# The convention's modes: it has one for both kinds of interrupts.
MODES = {mode: "interrupt" if mode in ("irq", "softirq") else mode for mode in CPU_MODES}

Rows = Iterable[Row]


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known at a push: this snapshot and the one of the push before, where there was one."""

    before: Snapshot | None
    after: Snapshot

    def reading(self, name: str) -> Any:
        """Of the newer one; None where it has none."""
        return self.after.reading(name)

    def earlier(self, name: str) -> Any:
        """Of the older one."""
        return None if self.before is None else self.before.reading(name)


# -- processors ------------------------------------------------------------------------------------------


def _by_mode(times: CpuTimes) -> Mapping[str, float]:
    found = dict.fromkeys(MODES.values(), 0.0)
    for mode, seconds in zip(CPU_MODES, times.modes, strict=True):
        found[MODES[mode]] += seconds
    return found


def cpu_time(sight: Sight) -> Rows:
    cpu: Cpu | None = sight.reading("cpu")
    for core, times in () if cpu is None else cpu.cores.items():
        for mode, seconds in _by_mode(times).items():
            yield (mode, int(core)), seconds


def cpu_utilization(sight: Sight) -> Rows:
    """Shares of the time that the kernel counted for the core; it may count a little backwards."""
    old: Cpu | None = sight.earlier("cpu")
    new: Cpu | None = sight.reading("cpu")
    if old is None or new is None:
        return
    for core in (core for core in new.cores if core in old.cores):
        began, ended = _by_mode(old.cores[core]), _by_mode(new.cores[core])
        passed = {mode: max(ended[mode] - began[mode], 0.0) for mode in ended}
        whole = sum(passed.values())
        yield from (((mode, int(core)), seconds / whole) for mode, seconds in passed.items() if whole > 0)


def cpu_count(sight: Sight) -> Rows:
    cpu: Cpu | None = sight.reading("cpu")
    yield (), None if cpu is None else len(cpu.cores)


def load(place: int) -> Callable[[Sight], Rows]:
    def rows(sight: Sight) -> Rows:
        load = sight.reading("loadavg")
        yield (), None if load is None else load.minutes[place]

    return rows


def uptime(sight: Sight) -> Rows:
    stat: Stat | None = sight.reading("stat")
    yield (), None if stat is None else max(sight.after.at - stat.boot_time, 0.0)


def created(sight: Sight) -> Rows:
    stat: Stat | None = sight.reading("stat")
    yield (), None if stat is None else stat.forks


# -- memory ----------------------------------------------------------------------------------------------


def _memory(sight: Sight) -> Mapping[str, int]:
    memory: Memory | None = sight.reading("meminfo")
    return {} if memory is None else {**memory.fields, **memory.counts}


def field(name: str) -> Callable[[Sight], Rows]:
    return lambda sight: [((), _memory(sight).get(name))]


def memory_states(fields: Mapping[str, int]) -> Mapping[str, int]:
    """Used is what is not available to a new process; kernels before 3.14 do not say what is."""
    if "MemTotal" not in fields:
        return {}
    free, buffers, cached = (fields.get(name, 0) for name in ("MemFree", "Buffers", "Cached"))
    available = fields.get("MemAvailable", free + buffers + cached)
    return {"used": fields["MemTotal"] - available, "free": free, "buffers": buffers, "cached": cached}


def memory_usage(sight: Sight) -> Rows:
    return [((state,), value) for state, value in memory_states(_memory(sight)).items()]


def memory_utilization(sight: Sight) -> Rows:
    fields = _memory(sight)
    return [((state,), value / fields["MemTotal"]) for state, value in memory_states(fields).items()]


def slab(sight: Sight) -> Rows:
    fields = _memory(sight)
    return [(("reclaimable",), fields.get("SReclaimable")), (("unreclaimable",), fields.get("SUnreclaim"))]


def huge_pages(sight: Sight) -> Rows:
    fields = _memory(sight)
    total, free = fields.get("HugePages_Total"), fields.get("HugePages_Free")
    if total is not None and free is not None:
        yield from ((("used",), total - free), (("free",), free))


def _swap(sight: Sight) -> Mapping[str, int]:
    fields = _memory(sight)
    if "SwapTotal" not in fields or "SwapFree" not in fields:
        return {}
    return {"used": fields["SwapTotal"] - fields["SwapFree"], "free": fields["SwapFree"]}


def paging_usage(sight: Sight) -> Rows:
    return [((state,), value) for state, value in _swap(sight).items()]


def paging_utilization(sight: Sight) -> Rows:
    states = _swap(sight)
    whole = sum(states.values())
    return [((state,), value / whole) for state, value in states.items() if whole]


def faults(sight: Sight) -> Rows:
    fields: Mapping[str, int] = sight.reading("vmstat") or {}
    every, major = fields.get("pgfault"), fields.get("pgmajfault")
    if every is not None and major is not None:
        yield from ((("major",), major), (("minor",), every - major))


def paging_operations(sight: Sight) -> Rows:
    """Pages to and from swap: what a major fault waits for."""
    fields: Mapping[str, int] = sight.reading("vmstat") or {}
    return [(("major", "in"), fields.get("pswpin")), (("major", "out"), fields.get("pswpout"))]


# -- devices ---------------------------------------------------------------------------------------------


def disk(read: int, write: int) -> Callable[[Sight], Rows]:
    """By the places of two columns of /proc/diskstats."""

    def rows(sight: Sight) -> Rows:
        disks: Sequence[Disk] = sight.reading("diskstats") or ()
        for disk in disks:
            yield (disk.name, "read"), disk.figures[read]
            yield (disk.name, "write"), disk.figures[write]

    return rows


def io_time(sight: Sight) -> Rows:
    disks: Sequence[Disk] = sight.reading("diskstats") or ()
    return [((disk.name,), disk.figures[9]) for disk in disks]


def network(column: int) -> Callable[[Sight], Rows]:
    """By the place of a column of /proc/net/dev."""

    def rows(sight: Sight) -> Rows:
        interfaces: Sequence[Interface] = sight.reading("netdev") or ()
        for item in interfaces:
            yield (item.name, "receive"), item.receive[column]
            yield (item.name, "transmit"), item.transmit[column]

    return rows


def _mounts(sight: Sight) -> Iterator[tuple[tuple[str, ...], Usage]]:
    uses: Sequence[Usage] = sight.reading("filesystem") or ()
    for use in uses:
        mount = use.mount
        if not use.error:
            yield (mount.device, mount.fstype, "ro" if mount.read_only else "rw", mount.mountpoint), use


def _space(use: Usage) -> Mapping[str, int]:
    """Reserved is what only root may take; the three are the size together."""
    return {"used": use.size - use.free, "free": use.available, "reserved": use.free - use.available}


def filesystem_usage(sight: Sight) -> Rows:
    return [((*key, state), value) for key, use in _mounts(sight) for state, value in _space(use).items()]


def filesystem_utilization(sight: Sight) -> Rows:
    known = [(key, use) for key, use in _mounts(sight) if use.size]
    return [((*key, state), value / use.size) for key, use in known for state, value in _space(use).items()]


def filesystem_limit(sight: Sight) -> Rows:
    return [(key, use.size) for key, use in _mounts(sight)]
