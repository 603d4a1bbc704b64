"""How busy a host was between two readings: what counters mean as shares and speeds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mixdesk_exporter.readings import CPU_MODES, Cpu, CpuTimes, Interface

IDLE = (CPU_MODES.index("idle"), CPU_MODES.index("iowait"))
LOOPBACK = "lo"


def core_usage(before: Cpu, after: Cpu) -> Mapping[str, float]:
    """{core: share of the time in which it was not idle, 0 to 1}; a core that has just come is left out."""
    return {core: _usage(before.cores[core], times) for core, times in after.cores.items() if core in before.cores}


def _usage(before: CpuTimes, after: CpuTimes) -> float:
    """Waiting for I/O is idle time. The kernel may count a little backwards: nothing here is below 0."""
    passed = [max(new - old, 0.0) for old, new in zip(before.modes, after.modes, strict=True)]
    whole = sum(passed)
    return 1.0 - sum(passed[mode] for mode in IDLE) / whole if whole > 0 else 0.0


def cpu_usage(cores: Mapping[str, float]) -> float | None:
    """Of all cores together; None where there is none to compare."""
    return sum(cores.values()) / len(cores) if cores else None


def traffic(before: Sequence[Interface], after: Sequence[Interface], seconds: float) -> tuple[float, float]:
    """Bytes a second received and sent over all interfaces but the loopback; one that has just come counts from now."""
    if seconds <= 0:
        return 0.0, 0.0
    known = {item.name: item for item in before}
    pairs = [(known[item.name], item) for item in after if item.name in known and item.name != LOOPBACK]
    received = sum(max(new.receive[0] - old.receive[0], 0) for old, new in pairs)
    sent = sum(max(new.transmit[0] - old.transmit[0], 0) for old, new in pairs)
    return received / seconds, sent / seconds
