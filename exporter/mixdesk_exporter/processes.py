"""Which process a pid of the host is: what it calls itself in its own namespace, when it began, in which container.

All three are readable for everybody; no right to trace processes is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from mixdesk_exporter.readings import Gpu, GpuProcess, Gpus

CONTAINER = re.compile(r"(?:docker[-/]|libpod-|cri-containerd-|/)([0-9a-f]{64})(?:\.scope)?$", re.MULTILINE)
START_FIELD = 22  # of /proc/PID/stat, counted from 1


@dataclass(frozen=True, slots=True)
class Identity:
    """See GpuProcess."""

    inner_pid: int | None = None
    start_ticks: int | None = None
    container: str | None = None


def identify(procfs: Path, pid: int) -> Identity:
    """Nothing of a process that is gone, or that a container's /proc does not show."""
    folder = procfs / str(pid)
    return Identity(
        inner_pid=inner_pid(_text(folder / "status")),
        start_ticks=start_ticks(_text(folder / "stat")),
        container=container_of(_text(folder / "cgroup")),
    )


def inner_pid(status: str) -> int | None:
    """The last number of the line `NSpid: 4711 12`: the pid in the innermost namespace."""
    line = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
    numbers = line.split()[1:]
    return int(numbers[-1]) if numbers and numbers[-1].isdigit() else None


def start_ticks(stat: str) -> int | None:
    """Clock ticks from boot to its start. The second field is a name in brackets that may hold anything."""
    fields = stat.rpartition(")")[2].split()
    place = START_FIELD - 3
    return int(fields[place]) if len(fields) > place and fields[place].isdigit() else None


def container_of(cgroup: str) -> str | None:
    """The container's id in the path of its control group."""
    found = CONTAINER.search(cgroup)
    return None if found is None else found[1]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def identified(reading: Gpus, procfs: Path) -> Gpus:
    """The same reading with its processes identified."""
    return replace(reading, devices=tuple(_of_device(device, procfs) for device in reading.devices))


def _of_device(device: Gpu, procfs: Path) -> Gpu:
    if not device.processes:
        return device
    return replace(device, processes=tuple(_of_process(process, procfs) for process in device.processes))


def _of_process(process: GpuProcess, procfs: Path) -> GpuProcess:
    found = identify(procfs, process.pid)
    return replace(process, inner_pid=found.inner_pid, start_ticks=found.start_ticks, container=found.container)
