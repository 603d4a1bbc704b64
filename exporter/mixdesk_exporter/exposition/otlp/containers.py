"""Containers as `container.*`: https://opentelemetry.io/docs/specs/semconv/system/container-metrics/ (1.44). Pure.

Each is a resource of its own, for the conventions give these metrics no attribute that says whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mixdesk_exporter.exposition.otlp.host import Rows
from mixdesk_exporter.exposition.otlp.instrument import COUNTER, GAUGE, UPDOWNCOUNTER, Attribute, Instrument
from mixdesk_exporter.readings import Container, Group

RUNTIME = "docker"


def resource_attributes(item: Container) -> dict[str, Attribute]:
    """Who it is; an image that has no name is known by its id alone."""
    name, tag = split_image(item.image)
    found: dict[str, Attribute] = {
        "container.id": item.identity,
        "container.name": item.name,
        "container.runtime.name": RUNTIME,
        "container.image.name": name,
    }
    if tag:
        found["container.image.tags"] = [tag]
    return found | {f"container.label.{key}": value for key, value in (item.labels or {}).items()}


def split_image(image: str) -> tuple[str, str]:
    """`registry:5000/voice/rvc:2.1@sha256:1f2e` -> (`registry:5000/voice/rvc`, `2.1`)."""
    if image.startswith("sha256:"):
        return image, ""
    plain = image.partition("@")[0]
    folder, slash, last = plain.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{folder}{slash}{name}", tag


def running(reading: Sequence[Container] | None) -> list[Container]:
    """Those that use something."""
    return [item for item in reading or () if item.group is not None]


def _uptime(item: Container, group: Group, at: float) -> Rows:
    return [((), max(at - item.started_at, 0.0) if item.started_at else None)]


def _cpu(item: Container, group: Group, at: float) -> Rows:
    """By mode, or together where the kernel does not tell modes apart: never both."""
    if group.cpu_user is not None and group.cpu_system is not None:
        return [(("user",), group.cpu_user), (("system",), group.cpu_system)]
    return [((None,), group.cpu)]


def _available(item: Container, group: Group, at: float) -> Rows:
    if group.memory_limit is not None and group.working_set is not None:
        yield (), max(group.memory_limit - group.working_set, 0)


def _disk(item: Container, group: Group, at: float) -> Rows:
    for device, (read, written, *_) in (group.blocks or {}).items():
        yield ("read", device), read
        yield ("write", device), written


def _network(item: Container, group: Group, at: float) -> Rows:
    for interface in item.interfaces:
        if interface.name != "lo":
            yield ("receive", interface.name), interface.receive[0]
            yield ("transmit", interface.name), interface.transmit[0]


def _amount(name: str, text: str) -> Instrument:
    return Instrument(name, UPDOWNCOUNTER, "By", text, whole=True)


def _bytes(name: str, text: str, *attributes: str) -> Instrument:
    return Instrument(name, COUNTER, "By", text, attributes, whole=True)


CONTAINER: tuple[tuple[Instrument, Callable[[Container, Group, float], Rows]], ...] = (
    (Instrument("container.uptime", GAUGE, "s", "Time since it started."), _uptime),
    (Instrument("container.cpu.time", COUNTER, "s", "CPU time, all cores.", ("cpu.mode",)), _cpu),
    (_amount("container.memory.usage", "Memory in use, caches included."), lambda _, group, at: [((), group.memory)]),
    (_amount("container.memory.available", "Memory below the limit."), _available),
    (_amount("container.memory.rss", "Memory of its processes' own."), lambda _, group, at: [((), group.rss)]),
    (
        _amount("container.memory.working_set", "Memory without what the kernel can drop at once."),
        lambda _, group, at: [((), group.working_set)],
    ),
    (_bytes("container.disk.io", "Bytes read and written.", "disk.io.direction", "system.device"), _disk),
    (
        _bytes("container.network.io", "Bytes received and sent.", "network.io.direction", "network.interface.name"),
        _network,
    ),
)
