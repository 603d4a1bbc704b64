"""The answers of this room, for the description of the API."""

from __future__ import annotations

from pydantic import BaseModel


class CoreUsage(BaseModel):
    """One core; percent 0 to 100 since the reading before."""

    core: int
    usage_percent: float


class CpuUsage(BaseModel):
    """All cores together and each; the load averages of 1, 5 and 15 minutes."""

    usage_percent: float
    load_avg: tuple[float, float, float]
    cores: list[CoreUsage]


class MemoryUsage(BaseModel):
    """Bytes. Used is what is not available to a new process."""

    used_bytes: int
    total_bytes: int
    swap_used_bytes: int
    swap_total_bytes: int


class DiskUsage(BaseModel):
    """One mounted file system, in bytes."""

    mount: str
    used_bytes: int
    total_bytes: int


class NetworkUsage(BaseModel):
    """Bytes a second over all interfaces but the loopback."""

    rx_bytes_per_sec: float
    tx_bytes_per_sec: float


class GpuUsage(BaseModel):
    """One device; null where its driver does not say. `_mb` are MiB; what is free is less than what is not used."""

    index: int
    uuid: str
    name: str
    utilization_percent: float | None
    vram_used_mb: float | None
    vram_total_mb: float | None
    vram_free_mb: float | None = None
    temperature_c: float | None


class SystemMetrics(BaseModel):
    """One host at one moment of its own clock. `gpu` is the first of `gpus`, and not there without one."""

    host: str
    hosts: list[str]
    cpu: CpuUsage
    memory: MemoryUsage
    disk: list[DiskUsage]
    network: NetworkUsage
    gpu: GpuUsage | None = None
    gpus: list[GpuUsage]
    timestamp: str
