"""What an exporter says of its host at one moment (`GET /snapshot`), checked as it comes in: pages and joins trust it.

Lists, texts and numbers have limits, for an exporter elsewhere may be anybody's. Pure.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

SNAPSHOT_FORMAT = 1
MOST_METRICS = 256 << 10  # bytes of JSON: they are kept for two minutes

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Text = Annotated[str, msgspec.Meta(max_length=4096)]


class SnapshotError(ValueError):
    """An answer that is no snapshot, or one of a format that this desk does not know."""


# -- system metrics: see schema.py for what they mean ------------------------------------------------------


class CoreUsage(msgspec.Struct, frozen=True):
    """One core."""

    core: Count
    usage_percent: float


class CpuUsage(msgspec.Struct, frozen=True):
    """All cores."""

    usage_percent: float
    load_avg: tuple[float, float, float]
    cores: Annotated[tuple[CoreUsage, ...], msgspec.Meta(max_length=4096)]


class MemoryUsage(msgspec.Struct, frozen=True):
    """Bytes."""

    used_bytes: int
    total_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int


class DiskUsage(msgspec.Struct, frozen=True):
    """One mount."""

    mount: Text
    used_bytes: int
    total_bytes: int


class NetworkUsage(msgspec.Struct, frozen=True):
    """Bytes a second."""

    rx_bytes_per_sec: float
    tx_bytes_per_sec: float


class GpuUsage(msgspec.Struct, frozen=True):
    """One device."""

    index: Count
    uuid: Text
    name: Text
    utilization_percent: float | None
    vram_used_mb: float | None
    vram_total_mb: float | None
    temperature_c: float | None
    vram_free_mb: float | None = None  # an older exporter does not say it


class Metrics(msgspec.Struct, frozen=True):
    """One host; `gpu` is left out where there is none."""

    cpu: CpuUsage
    memory: MemoryUsage
    disk: Annotated[tuple[DiskUsage, ...], msgspec.Meta(max_length=2048)]
    network: NetworkUsage
    timestamp: Text
    gpus: Annotated[tuple[GpuUsage, ...], msgspec.Meta(max_length=256)] = ()
    gpu: GpuUsage | msgspec.UnsetType = msgspec.UNSET


# -- what is joined ----------------------------------------------------------------------------------------


class Process(msgspec.Struct, frozen=True):
    """Who holds memory of a GPU.

    pid          in the host's namespace; `inner_pid` in its own
    start_ticks  clock ticks from boot to its start
    container    id of the container that it runs in
    memory       bytes; None where the driver hides them
    """

    pid: Count
    inner_pid: Count | None = None
    start_ticks: Count | None = None
    container: Text | None = None
    memory: Count | None = None


class Gpu(msgspec.Struct, frozen=True):
    """One device; None where its driver does not say. Memory in bytes."""

    index: Count
    uuid: Text
    utilization_percent: float | None = None
    memory_free: float | None = None
    memory_total: float | None = None
    processes: Annotated[tuple[Process, ...], msgspec.Meta(max_length=1024)] | None = None


class Container(msgspec.Struct, frozen=True):
    """One container of the host."""

    id: Text
    name: Text


class HostSnapshot(msgspec.Struct, frozen=True):
    """One host at one moment.

    host     its name, as `node_uname_info` gives it
    boot_id  the same for all processes since it booted
    at       seconds since the epoch by its own clock
    collectors  {name: why it could not be read, None where it was}; a source that was never there is not in it
    """

    v: int
    host: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    boot_id: Annotated[str, msgspec.Meta(max_length=64)]
    at: float
    metrics: Metrics
    gpus: Annotated[tuple[Gpu, ...], msgspec.Meta(max_length=256)] = ()
    containers: Annotated[tuple[Container, ...], msgspec.Meta(max_length=4096)] = ()
    collectors: Annotated[dict[Text, Text | None], msgspec.Meta(max_length=256)] = msgspec.field(default_factory=dict)


class _Format(msgspec.Struct):
    v: int


_decoder = msgspec.json.Decoder(HostSnapshot)
_format = msgspec.json.Decoder(_Format)


def decode(body: bytes) -> HostSnapshot:
    """The snapshot in an answer. Raises SnapshotError saying what is wrong with it."""
    try:
        version = _format.decode(body).v
        if version != SNAPSHOT_FORMAT:
            raise SnapshotError(
                f"its snapshot has format {version}, this desk knows {SNAPSHOT_FORMAT}: update the older one"
            )
        return _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise SnapshotError(f"its answer is no snapshot: {str(error)[:200]}") from error


def of_report(report: dict[str, Any]) -> HostSnapshot:
    """A report of the exporter in this process, which went no way as JSON. Raises SnapshotError."""
    try:
        return msgspec.convert(report, HostSnapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"this host is more than a desk can show: {error}") from error


def metrics_json(snapshot: HostSnapshot) -> bytes:
    """The system metrics as JSON, an object. Raises SnapshotError where they are too much to keep."""
    text = msgspec.json.encode(snapshot.metrics)
    if len(text) > MOST_METRICS:
        raise SnapshotError(f"its system metrics have {len(text)} bytes; {MOST_METRICS} are the most")
    return text
