"""Docker's containers under cAdvisor's names: who they are by the engine, what they use by their control groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mixdesk_exporter import cgroups
from mixdesk_exporter.collectors import netdev
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.engine import Engine
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Descriptor, Family, counter, gauge
from mixdesk_exporter.host import Host, Roots
from mixdesk_exporter.readings import Container, Interface

LISTED_EVERY_S = 2.0  # how long a container that has just started may take to be seen
INSPECTED_EVERY_S = 30.0  # restarts and health are told only there

LABELS = ("id", "image", "name")


def _gauge(name: str, text: str, *more: str) -> Descriptor:
    return gauge(name, text, *sorted((*LABELS, *more)))


def _counter(name: str, text: str, *more: str) -> Descriptor:
    return counter(name, text, *sorted((*LABELS, *more)))


CPU = _counter("container_cpu_usage_seconds_total", "CPU seconds, all cores.", "cpu")
SEEN = _gauge("container_last_seen", "When a container was last seen, in seconds since the epoch.")
STARTED = _gauge("container_start_time_seconds", "When it started, in seconds since the epoch.")
# {field of a group: descriptor}
PLAIN: dict[str, Descriptor] = {
    "cpu_user": _counter("container_cpu_user_seconds_total", "CPU seconds in user mode."),
    "cpu_system": _counter("container_cpu_system_seconds_total", "CPU seconds in the kernel."),
    "throttled": _counter("container_cpu_cfs_throttled_seconds_total", "Seconds held back by a CPU limit."),
    "memory": _gauge("container_memory_usage_bytes", "Memory in use, caches included."),
    "working_set": _gauge("container_memory_working_set_bytes", "Memory without what the kernel can drop at once."),
    "rss": _gauge("container_memory_rss", "Memory of its processes' own."),
    "cache": _gauge("container_memory_cache", "Page cache."),
    "memory_limit": _gauge("container_spec_memory_limit_bytes", "Memory limit; no series where there is none."),
    "oom_kills": _counter("container_oom_events_total", "Processes killed for want of memory."),
    "processes": _gauge("container_processes", "Processes."),
}
BLOCKS = (
    _counter("container_fs_reads_bytes_total", "Bytes read from a block device.", "device"),
    _counter("container_fs_writes_bytes_total", "Bytes written to a block device.", "device"),
    _counter("container_fs_reads_total", "Reads from a block device.", "device"),
    _counter("container_fs_writes_total", "Writes to a block device.", "device"),
)
# {column of /proc/net/dev: descriptor}
RECEIVED = {
    0: _counter("container_network_receive_bytes_total", "Bytes received.", "interface"),
    1: _counter("container_network_receive_packets_total", "Packets received.", "interface"),
    2: _counter("container_network_receive_errors_total", "Errors in receiving.", "interface"),
    3: _counter("container_network_receive_packets_dropped_total", "Packets dropped in receiving.", "interface"),
}
SENT = {
    0: _counter("container_network_transmit_bytes_total", "Bytes sent.", "interface"),
    1: _counter("container_network_transmit_packets_total", "Packets sent.", "interface"),
    2: _counter("container_network_transmit_errors_total", "Errors in sending.", "interface"),
    3: _counter("container_network_transmit_packets_dropped_total", "Packets dropped in sending.", "interface"),
}
STATES = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
STATE = _gauge("mixdesk_container_state", "1 for the state that a container is in.", "state")
RESTARTS = _counter("mixdesk_container_restarts_total", "Restarts by the engine's policy.")
HEALTHY = _gauge("container_health_state", "1 where the container's own check says that it is well.")

Containers = Sequence[Container]


def collector(roots: Roots, engine: Engine | None = None, shown_labels: Collection[str] = ()) -> Collector[Containers]:
    """The collector of this host's containers; absent where there is no Docker socket."""
    watcher = Watcher(Engine() if engine is None else engine, roots, shown_labels)
    return Collector("containers", watcher.read, families, may_hang=True)


@dataclass(slots=True)
class Watcher:
    """Knows the containers; asks the engine now and then, and their control groups each time."""

    engine: Engine
    roots: Roots
    shown_labels: Collection[str] = ()
    monotonic: Callable[[], float] = time.monotonic
    _listed_at: float = float("-inf")
    _listed: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, tuple[float, str, Container]] = field(default_factory=dict)
    _cgroups: dict[str, str] = field(default_factory=dict)

    def read(self) -> Containers:
        """All containers as they are now. Raises Absent without an engine, EngineError where it does not answer."""
        now = self.monotonic()
        if now - self._listed_at >= LISTED_EVERY_S:
            self._listed = self.engine.containers()
            self._listed_at = now
        host = Host(self.roots)
        try:
            return [measured for item in self._listed if (measured := self._measured(host, item, now)) is not None]
        finally:
            host.close()
            self._forget({item["Id"] for item in self._listed})

    def _forget(self, there: set[str]) -> None:
        for gone in self._known.keys() - there:
            del self._known[gone]
        for gone in self._cgroups.keys() - there:
            del self._cgroups[gone]

    def _measured(self, host: Host, item: Mapping[str, Any], now: float) -> Container | None:
        container = self._inspected(item, now)
        if container is None or not container.pid:
            return container
        try:
            paths = cgroups.paths_of(host.proc(f"{container.pid}/cgroup"))
            interfaces = netdev.parse(host.proc(f"{container.pid}/net/dev"))
            group = cgroups.read(self.roots.sysfs, paths)
        except (Absent, OSError, Garbled):
            group = None
        if group is None:
            self._ask_again(item["Id"])
            return None
        self._cgroups[item["Id"]] = paths.shown
        return replace(container, cgroup=paths.shown, group=group, interfaces=tuple(interfaces))

    def _ask_again(self, identity: str) -> None:
        """Its first process is no more: whatever it is now, the engine says the next time."""
        self._known.pop(identity, None)
        self._listed_at = float("-inf")

    def _inspected(self, item: Mapping[str, Any], now: float) -> Container | None:
        known = self._known.get(item["Id"])
        if known is not None and known[1] == item["State"] and now - known[0] < INSPECTED_EVERY_S:
            return known[2]
        found = self.engine.inspect(item["Id"])
        if found is None:
            return None
        container = container_of(found, item, self.shown_labels)
        if item["Id"] in self._cgroups:  # one that has stopped keeps the name that its series had
            container = replace(container, cgroup=self._cgroups[item["Id"]])
        self._known[item["Id"]] = now, item["State"], container
        return container


def container_of(found: Mapping[str, Any], item: Mapping[str, Any], shown_labels: Collection[str]) -> Container:
    """What the engine says, without figures."""
    state, labels = found["State"], found["Config"].get("Labels") or {}
    return Container(
        identity=found["Id"],
        cgroup=f"/docker/{found['Id']}",
        name=found["Name"].lstrip("/"),
        image=item["Image"],
        state=state["Status"],
        pid=state["Pid"] if state["Running"] else 0,
        started_at=moment(state["StartedAt"]),
        restarts=found.get("RestartCount", 0),
        health=state["Health"]["Status"] if "Health" in state else None,
        labels={name: labels[name] for name in shown_labels if name in labels},
    )


def moment(text: str) -> float:
    """Seconds since the epoch of Docker's times, which have nine decimals; 0 for one that never was."""
    if text.startswith("0001"):
        return 0.0
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


# -- families --------------------------------------------------------------------------------------------


def families(reading: Containers) -> Iterable[Family]:
    """Only what some container has."""
    now = time.time()
    running = [item for item in reading if item.group is not None]
    made = [
        *_about(reading),
        SEEN.of((_key(item), round(now, 3)) for item in running),
        STARTED.of((_key(item), item.started_at) for item in running),
        CPU.of(
            (("total", *_key(item)), item.group.cpu) for item in running if item.group and item.group.cpu is not None
        ),
        *_plain(running),
        *_blocks(running),
        *_network(running, RECEIVED, lambda interface: interface.receive),
        *_network(running, SENT, lambda interface: interface.transmit),
    ]
    return [family for family in made if family.keys]


def _key(item: Container) -> tuple[str, str, str]:
    return item.cgroup, item.image, item.name


def _about(reading: Containers) -> Iterator[Family]:
    yield STATE.of(((*_key(item), state), int(item.state == state)) for item in reading for state in STATES)
    yield RESTARTS.of((_key(item), item.restarts) for item in reading)
    yield HEALTHY.of((_key(item), int(item.health == "healthy")) for item in reading if item.health is not None)


def _plain(running: Containers) -> Iterator[Family]:
    for name, descriptor in PLAIN.items():
        values = [(_key(item), getattr(item.group, name)) for item in running]
        yield descriptor.of((key, value) for key, value in values if value is not None)


def _blocks(running: Containers) -> Iterator[Family]:
    rows = [
        ((device, *_key(item)), figures)
        for item in running
        if item.group is not None
        for device, figures in (item.group.blocks or {}).items()
    ]
    for place, descriptor in enumerate(BLOCKS):
        yield descriptor.of((key, figures[place]) for key, figures in rows)


def _network(
    running: Containers, columns: Mapping[int, Descriptor], side: Callable[[Interface], tuple[int, ...]]
) -> Iterator[Family]:
    for column, descriptor in columns.items():
        rows = ((item, interface) for item in running for interface in item.interfaces if interface.name != "lo")
        yield descriptor.of(
            ((item.cgroup, item.image, interface.name, item.name), side(interface)[column]) for item, interface in rows
        )
