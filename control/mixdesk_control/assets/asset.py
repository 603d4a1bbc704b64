"""The nouns of this room: an asset as the registry has it, and what a driver sees of it. Frozen, and pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mixdesk_control.settings_assets import ReadySettings

ABSENT, STOPPED, STARTING, RUNNING, UNHEALTHY, UNKNOWN = (
    "absent",
    "stopped",
    "starting",
    "running",
    "unhealthy",
    "unknown",
)
"""What a driver sees: nothing of that name, one that does not run, one that runs and is not ready by its own check yet,
one that runs, one that runs and fails its own check, or that it cannot be seen just now."""

ALIVE = frozenset({STARTING, RUNNING, UNHEALTHY})

HTTP = "http"
"""The driver of models inside servers, whose memory is the server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One entry of the registry.

    driver        docker, process or http
    target        what the driver acts on, in the driver's own words: a container's name, ProcessSettings, HttpSettings
    gpus          indexes or UUIDs; the need in `vram_mb` is on each of them
    vram_mb       MiB that it needs on a GPU; None where it needs none
    stop_grace_s  how long it has between SIGTERM and SIGKILL
    """

    id: str
    name: str
    type: str = "service"
    resource_type: str = "cpu"
    driver: str
    target: Any
    dependencies: tuple[str, ...] = ()
    gpus: tuple[int | str, ...] = ()
    vram_mb: float | None = None
    ready: ReadySettings = field(default_factory=ReadySettings)
    stop_grace_s: float = 10.0
    evictable: bool = False
    detach: bool = False


Process = tuple[int, int]
"""A process of this host: its pid in its own pid namespace, and the clock ticks from boot to its start."""


@dataclass(frozen=True, slots=True)
class Observed:
    """An asset at one moment, as its driver sees it.

    doing       one of the words above
    instance    which run of it this is: another text after every start; None where nothing runs
    container   the full id of its container, for who joins GPU memory to it
    processes   all its processes, for the same; empty for containers and models inside a server
    started_at  seconds since the epoch, of this run
    restarts    how often it was started again by itself (a restart policy), as its driver counts
    exit_code   of the last run; negative for a signal (-9), None where it never ran or nobody knows
    oom_killed  whether the last run, or a part of this one, was killed for want of memory
    reason      why it is not well, one line: the health check's last words, what the server answered
    unchecked   whether it runs and nothing checks its health, though its kind of thing could
    """

    doing: str
    instance: str | None = None
    container: str | None = None
    processes: frozenset[Process] = frozenset()
    started_at: float | None = None
    restarts: int = 0
    exit_code: int | None = None
    oom_killed: bool = False
    reason: str | None = None
    unchecked: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether something of it runs."""
        return self.doing in ALIVE


@dataclass(frozen=True, slots=True)
class Usage:
    """What an asset that runs uses now; None where nobody can say.

    memory     bytes of RAM, without page cache that the kernel can drop at once
    cpu_ratio  cores since the reading before: 1.0 is one core
    vram       bytes on all GPUs, where the server that holds the model says so; GPU memory of processes is told by NVML
    """

    memory: int | None = None
    cpu_ratio: float | None = None
    vram: int | None = None


Observations = Mapping[str, Observed]
"""By asset id."""
