"""What collectors have read, as numbers: the nouns that families, rates and the stream of system metrics share.

Frozen, in base units: seconds, bytes, ratios 0 to 1. Counters count since boot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CPU_MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of one core in each of CPU_MODES, and as a guest's (user, nice), which `user` and `nice` contain."""

    modes: tuple[float, ...]
    guest: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cpu:
    """{core: its times}."""

    cores: Mapping[str, CpuTimes]


@dataclass(frozen=True, slots=True)
class Stat:
    """What else /proc/stat counts: interrupts, context switches, forks, boot time in seconds since the epoch."""

    interrupts: int
    context_switches: int
    boot_time: int
    forks: int
    running: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Load:
    """Load averages over 1, 5 and 15 minutes."""

    minutes: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Memory:
    """{field of /proc/meminfo: bytes, or a count where the kernel gives no unit}; `Active(anon)` is `Active_anon`."""

    fields: Mapping[str, int]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Disk:
    """Counters of one block device, in the order of the kernel's own fields; times are seconds, sizes bytes."""

    name: str
    major: str
    minor: str
    figures: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """Counters of one network interface, receive then transmit, in the order of /proc/net/dev."""

    name: str
    receive: tuple[int, ...]
    transmit: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system: labels as they are shown, and the path to ask where its name is no text."""

    device: str
    mountpoint: str
    fstype: str
    read_only: bool = False
    major: str = ""
    minor: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What statvfs says of a mount: bytes and inodes, or why it could not be asked."""

    mount: Mount
    size: int = 0
    free: int = 0
    available: int = 0
    files: int = 0
    files_free: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """Who holds memory of a GPU.

    pid          in the host's namespace
    memory       bytes; None where the driver hides them
    instance     number of the MIG instance, where it is on one
    inner_pid    in its own namespace: what the process itself calls its pid
    start_ticks  field 22 of /proc/PID/stat; with boot id and inner pid it says which process this is
    container    id of the container that it runs in
    """

    pid: int
    memory: int | None
    instance: int | None = None
    inner_pid: int | None = None
    start_ticks: int | None = None
    container: str | None = None


@dataclass(frozen=True, slots=True)
class GpuInstance:
    """A MIG instance: its number and profile, its bytes."""

    number: int
    profile: str
    uuid: str
    memory_used: int
    memory_total: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """One device. `figures` holds what its driver gives, in the units of NVML, by the names of `nvml.FIGURES`.

    throttle   {reason: whether it slows the clocks now}; None where the driver does not say
    processes  who holds its memory; None where the driver does not say
    """

    index: int
    uuid: str
    pci_bus_id: str
    name: str
    figures: Mapping[str, float]
    throttle: Mapping[str, bool] | None = None
    processes: tuple[GpuProcess, ...] | None = None
    instances: tuple[GpuInstance, ...] = ()


@dataclass(frozen=True, slots=True)
class Xid:
    """How often a device has reported an error number since this exporter began, and when last."""

    count: int
    last_at: float


@dataclass(frozen=True, slots=True)
class Gpus:
    """All devices that answer, {(uuid, xid): how often}, and the last XID of each uuid."""

    devices: tuple[Gpu, ...]
    xids: Mapping[tuple[str, int], Xid]
    last_xid: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """What a control group counts. None where its version or settings do not count it.

    cpu, cpu_user, cpu_system  seconds
    memory        bytes in use; `working_set` without what the kernel can drop at once
    memory_limit  None where there is none
    blocks        {device as major:minor: (bytes read, bytes written, reads, writes)}
    """

    cpu: float | None = None
    cpu_user: float | None = None
    cpu_system: float | None = None
    throttled: float | None = None
    memory: int | None = None
    working_set: int | None = None
    rss: int | None = None
    cache: int | None = None
    memory_limit: int | None = None
    oom_kills: int | None = None
    processes: int | None = None
    blocks: Mapping[str, tuple[int, int, int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the Docker engine; what it uses while it runs.

    cgroup      path of its control group, as cAdvisor's label `id`
    started_at  seconds since the epoch
    health      healthy, unhealthy or starting; None where it has no check
    labels      those that the settings allow to be shown
    """

    identity: str
    cgroup: str
    name: str
    image: str
    state: str
    pid: int
    started_at: float
    restarts: int
    health: str | None = None
    labels: Mapping[str, str] | None = None
    group: Group | None = None
    interfaces: tuple[Interface, ...] = ()
