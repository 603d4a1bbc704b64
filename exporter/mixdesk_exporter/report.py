"""`GET /snapshot`: what a desk reads of a host. Process ids stand here, and in no series."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mixdesk_exporter.readings import Container, Gpu, GpuProcess
from mixdesk_exporter.snapshot import Snapshot
from mixdesk_exporter.system_metrics import system_metrics

FORMAT = 1


def report(before: Snapshot | None, after: Snapshot, boot_id: str) -> dict[str, Any]:
    """The JSON of a snapshot; rates are those since `before`. Pure but for the name of the host.

    v, host, boot_id, at      which host this is, and seconds since the epoch by its clock
    metrics                   the system metrics of the plan
    gpus                      each device with who holds its memory (null where the driver does not say)
    containers                each running container with the memory and CPU time it uses
    collectors                {name: null, or why it failed}
    """
    gpus, containers = after.reading("gpu"), after.reading("containers")
    return {
        "v": FORMAT,
        "host": nodename(after),
        "boot_id": boot_id,
        "at": after.at,
        "metrics": system_metrics(before, after),
        "gpus": [] if gpus is None else [_gpu(device) for device in gpus.devices],
        "containers": [_container(item) for item in containers or ()],
        "collectors": {name: outcome.error for name, outcome in after.outcomes.items() if not outcome.absent},
    }


def nodename(snapshot: Snapshot) -> str:
    """The host's name, as `node_uname_info` gives it: what jobs and series are joined by."""
    uname: Sequence[str] | None = snapshot.reading("uname")
    return os.uname().nodename if uname is None else uname[2]


def read_boot_id(procfs: Path) -> str:
    """The same for all processes of a host since it booted; '' where it cannot be read."""
    try:
        return (procfs / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _gpu(device: Gpu) -> dict[str, Any]:
    figures: Mapping[str, float] = device.figures
    return {
        "index": device.index,
        "uuid": device.uuid,
        "name": device.name,
        "memory_used": figures.get("memory_used"),
        "memory_free": figures.get("memory_free"),
        "memory_total": figures.get("memory_total"),
        "utilization_percent": figures.get("utilization_percent"),
        "instances": [
            {"number": item.number, "profile": item.profile, "uuid": item.uuid, "memory_used": item.memory_used}
            for item in device.instances
        ],
        "processes": None if device.processes is None else [_process(process) for process in device.processes],
    }


def _process(process: GpuProcess) -> dict[str, Any]:
    return {
        "pid": process.pid,
        "inner_pid": process.inner_pid,
        "start_ticks": process.start_ticks,
        "container": process.container,
        "memory": process.memory,
        "instance": process.instance,
    }


def _container(item: Container) -> dict[str, Any]:
    group = item.group
    return {
        "id": item.identity,
        "name": item.name,
        "image": item.image,
        "state": item.state,
        "started_at": item.started_at,
        "restarts": item.restarts,
        "health": item.health,
        "memory_working_set": None if group is None else group.working_set,
        "cpu_seconds": None if group is None else group.cpu,
    }
