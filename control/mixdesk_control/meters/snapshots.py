"""What an exporter says of its host at one moment (`GET /snapshot`), checked as it comes in. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

SNAPSHOT_FORMAT = 1


class SnapshotError(ValueError):
    """An answer that is no snapshot, or one of a format that this desk does not know."""


class Process(msgspec.Struct, frozen=True):
    """Who holds memory of a GPU.

    pid          in the host's namespace; `inner_pid` in its own
    start_ticks  clock ticks from boot to its start
    container    id of the container that it runs in
    memory       bytes; None where the driver hides them
    instance     number of the MIG instance, where it is on one
    """

    pid: int
    inner_pid: int | None = None
    start_ticks: int | None = None
    container: str | None = None
    memory: int | None = None
    instance: int | None = None


class Gpu(msgspec.Struct, frozen=True):
    """One device, its memory in bytes; None where its driver does not say."""

    index: int
    uuid: str
    name: str = ""
    memory_used: float | None = None
    memory_total: float | None = None
    utilization_percent: float | None = None
    processes: tuple[Process, ...] | None = None


class Container(msgspec.Struct, frozen=True):
    """One container of the host."""

    id: str
    name: str
    image: str = ""
    state: str = ""
    started_at: float = 0.0
    restarts: int = 0
    health: str | None = None
    memory_working_set: int | None = None
    cpu_seconds: float | None = None


class HostSnapshot(msgspec.Struct, frozen=True):
    """One host at one moment.

    host     its name, as `node_uname_info` gives it
    boot_id  the same for all processes since it booted
    at       seconds since the epoch by its own clock
    metrics  the system metrics of the plan, as JSON
    """

    v: int
    host: str
    boot_id: str
    at: float
    metrics: msgspec.Raw
    gpus: tuple[Gpu, ...] = ()
    containers: tuple[Container, ...] = ()
    collectors: dict[str, str | None] = {}


_decoder = msgspec.json.Decoder(HostSnapshot)


def decode(body: bytes) -> HostSnapshot:
    """The snapshot in an answer. Raises SnapshotError saying what is wrong with it."""
    try:
        found = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise SnapshotError(f"its answer is no snapshot: {error}") from error
    if found.v != SNAPSHOT_FORMAT:
        raise SnapshotError(
            f"its snapshot has format {found.v}, this desk knows {SNAPSHOT_FORMAT}: update the older one"
        )
    if not bytes(found.metrics).startswith(b"{"):
        raise SnapshotError("its snapshot has no system metrics")
    return found


def encode(report: dict[str, Any]) -> bytes:
    """A report of the exporter in this process as the bytes that another one sends."""
    return msgspec.json.encode(report)
