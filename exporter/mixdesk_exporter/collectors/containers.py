"""Docker's containers under cAdvisor's names: who they are by the engine, what they use by their control groups."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from mixdesk_exporter import cgroups
from mixdesk_exporter.collectors import netdev
from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.engine import Engine, Refused
from mixdesk_exporter.errors import Absent, Garbled
from mixdesk_exporter.family import Descriptor, Family, Key, counter, gauge
from mixdesk_exporter.host import Roots, whole_file
from mixdesk_exporter.readings import Container, Interface

LISTED_EVERY_S = 2.0  # how long a container that has just started may take to be seen
INSPECTED_EVERY_S = 30.0  # restarts and health are told only there
INSPECTING_S = 0.4  # of one reading; many that are new are inspected over several

LABELS = ("id", "image", "name")
NOT_IN_LABEL = re.compile(r"[^a-zA-Z0-9_]")


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


def collector(
    roots: Roots,
    engine: Engine | None = None,
    shown_labels: Collection[str] = (),
    clock: Callable[[], float] = time.time,
) -> Collector[Containers]:
    """The collector of this host's containers; absent where there is no Docker socket.

    shown_labels  labels of containers that become `container_label_NAME` on every series of theirs
    """
    watcher = Watcher(Engine() if engine is None else engine, roots, shown_labels)
    shown = tuple(shown_labels)
    return Collector("containers", watcher.read, lambda reading: families(reading, clock, shown), may_hang=True)


@dataclass(slots=True)
class _Known:
    """What is remembered of one container.

    due    when the engine is asked again
    paths  where its group is, as found from what its process `told`
    """

    due: float
    state: str
    container: Container
    paths: cgroups.Paths | None = None
    told: bytes = b""


@dataclass(slots=True)
class Watcher:
    """Knows the containers; asks the engine now and then, and their control groups each time.

    Where there are many, the engine is asked about some of them in each reading: a new one may take a few seconds to
    be seen, but a reading never takes long.
    """

    engine: Engine
    roots: Roots
    shown_labels: Collection[str] = ()
    monotonic: Callable[[], float] = time.monotonic
    _listed_at: float = float("-inf")
    _listed: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, _Known] = field(default_factory=dict)
    _last_cgroup: dict[str, str] = field(default_factory=dict)

    def read(self) -> Containers:
        """All containers as they are now. Raises Absent without an engine, EngineError where it does not answer."""
        now = self.monotonic()
        if now - self._listed_at >= LISTED_EVERY_S:
            self._listed = self.engine.containers()
            self._listed_at = now
        self._forget({item["Id"] for item in self._listed})
        self._inspect_some(now)
        return [measured for item in self._listed if (measured := self._measured(item)) is not None]

    def _forget(self, there: set[str]) -> None:
        for memory in (self._known, self._last_cgroup):
            for gone in memory.keys() - there:
                del memory[gone]

    def _inspect_some(self, now: float) -> None:
        """Those of which nothing is known or whose state has changed, then those that are due; in time for the rest."""
        fresh = [item for item in self._listed if not self._is_current(item)]
        due = [item for item in self._listed if self._is_current(item) and self._known[item["Id"]].due <= now]
        due.sort(key=lambda item: self._known[item["Id"]].due)
        until = time.monotonic() + INSPECTING_S
        for item in [*fresh, *due[: 1 + len(self._listed) // int(INSPECTED_EVERY_S)]]:
            self._inspect(item, now)
            if time.monotonic() > until:
                break

    def _is_current(self, item: Mapping[str, Any]) -> bool:
        known = self._known.get(item["Id"])
        return known is not None and known.state == item["State"]

    def _inspect(self, item: Mapping[str, Any], now: float) -> None:
        try:
            found = self.engine.inspect(item["Id"])
        except Refused:  # one that is broken takes no other along
            found = None
        if found is None:
            self._known.pop(item["Id"], None)
            return
        container = container_of(found, item, self.shown_labels)
        if item["Id"] in self._last_cgroup:  # one that has stopped keeps the name that its series had
            container = replace(container, cgroup=self._last_cgroup[item["Id"]])
        self._known[item["Id"]] = _Known(now + INSPECTED_EVERY_S, item["State"], container)

    def _measured(self, item: Mapping[str, Any]) -> Container | None:
        known = self._known.get(item["Id"])
        if known is None or not self._is_current(item):
            return None  # its turn comes
        if not known.container.pid:
            return known.container
        try:
            return self._with_figures(known)
        except (Absent, OSError):
            # Its first process is no more: whatever it is now, the engine says the next time.
            del self._known[item["Id"]]
            self._listed_at = float("-inf")
            return None

    def _with_figures(self, known: _Known) -> Container:
        """Raises Absent or OSError where its process has gone; one whose control group is not to be seen has none."""
        container, folder = known.container, f"{self.roots.procfs}/{known.container.pid}"
        group = None if known.paths is None else cgroups.read(self.roots.sysfs, known.paths)
        if group is None and known.told != (told := whole_file(f"{folder}/cgroup")):
            known.told, known.paths = (
                told,
                cgroups.located(self.roots.sysfs, cgroups.paths_of(told), container.identity),
            )
            group = cgroups.read(self.roots.sysfs, known.paths)
        shown = container.cgroup if group is None else known.paths.shown  # type: ignore[union-attr]
        if group is not None:
            self._last_cgroup[container.identity] = shown
        interfaces = self._interfaces(f"{folder}/net/dev")  # read last: it tells that the process was there all along
        return replace(container, cgroup=shown, group=group, interfaces=interfaces)

    def _interfaces(self, path: str) -> tuple[Interface, ...]:
        content = whole_file(path)
        try:
            return tuple(netdev.parse(content))
        except Garbled as error:
            raise Absent(str(error)) from error


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
        health=_health(state),
        labels={name: labels[name] for name in shown_labels if name in labels},
    )


def _health(state: Mapping[str, Any]) -> str | None:
    """None without a check of its own, which engines say in three ways."""
    told: str = (state.get("Health") or {}).get("Status", "")
    return None if told in ("", "none") else told


def moment(text: str) -> float:
    """Seconds since the epoch of Docker's times, which have nine decimals; 0 for one that never was."""
    if text.startswith("0001"):
        return 0.0
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


# -- families --------------------------------------------------------------------------------------------


def families(
    reading: Containers, clock: Callable[[], float] = time.time, shown_labels: tuple[str, ...] = ()
) -> Iterable[Family]:
    """Only what some container has; with labels of theirs as cAdvisor names them."""
    now = clock()
    running = [item for item in reading if item.pid]
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
    return _labelled([family for family in made if family.keys], reading, shown_labels)


def _labelled(made: list[Family], reading: Containers, shown_labels: tuple[str, ...]) -> list[Family]:
    """The same families with labels of the containers in front, where the alphabet wants them."""
    if not shown_labels:
        return made
    names = _label_names(shown_labels)
    values: dict[Key, tuple[str, ...]] = {
        _key(item): tuple((item.labels or {}).get(label, "") for label in names.values()) for item in reading
    }
    return [_in_front(family, tuple(names), values) for family in made]


@cache
def _label_names(shown_labels: tuple[str, ...]) -> dict[str, str]:
    """{label of the series: label of the container}; of two that come to one name the first in the list."""
    names: dict[str, str] = {}
    for label in shown_labels:
        names.setdefault(f"container_label_{NOT_IN_LABEL.sub('_', label)}", label)
    return dict(sorted(names.items()))


def _in_front(family: Family, names: tuple[str, ...], values: Mapping[Key, tuple[str, ...]]) -> Family:
    places = [family.descriptor.labels.index(label) for label in LABELS]
    keys: list[Key] = [(*values[tuple(key[place] for place in places)], *key) for key in family.keys]
    return Family(_wider(family.descriptor, names), keys, family.values)


@cache
def _wider(descriptor: Descriptor, names: tuple[str, ...]) -> Descriptor:
    return replace(descriptor, labels=(*names, *descriptor.labels))


def _key(item: Container) -> tuple[str, str, str]:
    return item.cgroup, item.image, item.name


def _about(reading: Containers) -> Iterator[Family]:
    yield STATE.of(((*_key(item), state), int(item.state == state)) for item in reading for state in STATES)
    yield RESTARTS.of((_key(item), item.restarts) for item in reading)
    yield HEALTHY.of((_key(item), int(item.health == "healthy")) for item in reading if item.health is not None)


def _plain(running: Containers) -> Iterator[Family]:
    for name, descriptor in PLAIN.items():
        values = [(_key(item), getattr(item.group, name)) for item in running if item.group is not None]
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
