"""Which process a pid of the host is: what it calls itself in its own namespace, when it began, in which container.

All three are readable for everybody; no right to trace processes is needed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from mixdesk_exporter.readings import Gpu, GpuProcess, Gpus

CONTAINER = re.compile(r"(?:docker[-/]|(libpod-)|cri-containerd-|/)([0-9a-f]{64})(?:\.scope)?$")
OF_A_USER = re.compile(r"/user(?:\.slice|-\d+\.slice|@\d+\.service)/")
START_FIELD = 22  # of /proc/PID/stat, counted from 1


@dataclass(frozen=True, slots=True)
class Identity:
    """See GpuProcess."""

    inner_pid: int | None = None
    start_ticks: int | None = None
    container: str | None = None


def identify(procfs: Path, pid: int) -> Identity:
    """Nothing of a process that is gone, or that a container's /proc does not show."""
    return Identity(
        inner_pid=inner_pid(_text(f"{procfs}/{pid}/status")),
        start_ticks=start_of(procfs, pid),
        container=container_of(_text(f"{procfs}/{pid}/cgroup")),
    )


def start_of(procfs: Path, pid: int) -> int | None:
    """See `start_ticks`; None where there is no such process."""
    return start_ticks(_text(f"{procfs}/{pid}/stat"))


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
    """The container's id in the path of its control group.

    Any user of systemd may make groups below its own service, under any name: what looks like a system engine's there
    is nobody's word. Podman without root has no other place for its containers, so its own form holds there too.
    """
    for line in cgroup.splitlines():
        found = CONTAINER.search(line)
        if found is not None and (found[1] or not OF_A_USER.search(line)):
            return found[2]
    return None


def _text(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, 1 << 16).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(fd)


@dataclass(slots=True)
class Identities:
    """Identifies the processes of one reading after another. Of one that is known its start alone is read again."""

    procfs: Path
    _known: dict[int, Identity] = field(default_factory=dict)

    def of(self, reading: Gpus) -> Gpus:
        """The same reading with its processes identified."""
        pids = {process.pid for device in reading.devices for process in device.processes or ()}
        self._known = {pid: self._identity(pid) for pid in pids}
        return replace(reading, devices=tuple(map(self._device, reading.devices)))

    def _identity(self, pid: int) -> Identity:
        known, start = self._known.get(pid), start_of(self.procfs, pid)
        if known is not None and start is not None and known.start_ticks == start and known.inner_pid is not None:
            return known
        return identify(self.procfs, pid)

    def _device(self, device: Gpu) -> Gpu:
        if not device.processes:
            return device
        return replace(device, processes=tuple(map(self._process, device.processes)))

    def _process(self, process: GpuProcess) -> GpuProcess:
        found = self._known[process.pid]
        return replace(process, inner_pid=found.inner_pid, start_ticks=found.start_ticks, container=found.container)
