"""Two snapshots of a host -> the JSON of system metrics that people see once a second. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from mixdesk_exporter.rates import core_usage, cpu_usage, traffic
from mixdesk_exporter.readings import Cpu, Gpu, Gpus, Memory, Usage
from mixdesk_exporter.snapshot import Snapshot

MIB = 1 << 20


def system_metrics(before: Snapshot | None, after: Snapshot) -> dict[str, Any]:
    """What holds at `after`; rates and shares are those since `before`, 0 where there is none.

    Percent are 0 to 100, sizes bytes, `_mb` MiB. `gpu` is the first device and is left out where there is none;
    `gpus` are all of them.
    """
    gpus = [_gpu(device) for device in _devices(after.reading("gpu"))]
    return {
        "cpu": _cpu(before, after),
        "memory": _memory(after.reading("meminfo")),
        "disk": [_disk(use) for use in after.reading("filesystem") or () if not use.error],
        "network": _network(before, after),
        **({"gpu": gpus[0]} if gpus else {}),
        "gpus": gpus,
        "timestamp": datetime.fromtimestamp(after.at, timezone.utc).isoformat(timespec="milliseconds"),
    }


def _cpu(before: Snapshot | None, after: Snapshot) -> dict[str, Any]:
    old: Cpu | None = None if before is None else before.reading("cpu")
    new: Cpu | None = after.reading("cpu")
    cores = core_usage(old, new) if old is not None and new is not None else {}
    load = after.reading("loadavg")
    names = () if new is None else new.cores
    return {
        "usage_percent": _percent(cpu_usage(cores)),
        "load_avg": [0.0, 0.0, 0.0] if load is None else list(load.minutes),
        "cores": [{"core": int(name), "usage_percent": _percent(cores.get(name))} for name in names],
    }


def _percent(share: float | None) -> float:
    return 0.0 if share is None else round(100.0 * share, 2)


def _memory(reading: Memory | None) -> dict[str, int]:
    fields = {} if reading is None else reading.fields
    total, free = fields.get("MemTotal", 0), fields.get("MemFree", 0)
    available = fields.get("MemAvailable", free + fields.get("Buffers", 0) + fields.get("Cached", 0))
    swap = fields.get("SwapTotal", 0)
    return {
        "used_bytes": total - available,
        "total_bytes": total,
        "swap_used_bytes": swap - fields.get("SwapFree", 0),
        "swap_total_bytes": swap,
    }


def _disk(use: Usage) -> dict[str, Any]:
    return {"mount": use.mount.mountpoint, "used_bytes": use.size - use.free, "total_bytes": use.size}


def _network(before: Snapshot | None, after: Snapshot) -> dict[str, float]:
    old = None if before is None else before.reading("netdev")
    new = after.reading("netdev")
    seconds = 0.0 if before is None else after.taken - before.taken
    received, sent = traffic(old, new, seconds) if old is not None and new is not None else (0.0, 0.0)
    return {"rx_bytes_per_sec": round(received, 1), "tx_bytes_per_sec": round(sent, 1)}


def _devices(reading: Gpus | None) -> Sequence[Gpu]:
    return () if reading is None else reading.devices


def _gpu(device: Gpu) -> dict[str, Any]:
    """A figure that this device does not give is null, never 0."""
    figures = device.figures
    return {
        "index": device.index,
        "uuid": device.uuid,
        "name": device.name,
        "utilization_percent": figures.get("utilization_percent"),
        "vram_used_mb": _mib(figures.get("memory_used")),
        "vram_total_mb": _mib(figures.get("memory_total")),
        "vram_free_mb": _mib(figures.get("memory_free")),
        "temperature_c": figures.get("temperature"),
    }


def _mib(value: float | None) -> float | None:
    return None if value is None else round(value / MIB, 1)
