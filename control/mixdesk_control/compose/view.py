"""A project from its tables in the long form: from our own reading, or as the compose program prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mixdesk_control.compose.long_form import items, table
from mixdesk_control.compose.model import TMPFS, Gpus, Logging, NamedVolume, Port, Project, Service, Volume
from mixdesk_control.compose.short_forms import MOST_PORTS

TRUE = ("true", "yes", "on", "y", "1")


def project(tables: Mapping[str, Any], name: str, notes: Sequence[str] = ()) -> Project:
    """The project of `services` and `volumes`."""
    services = {key: service(key, table(value)) for key, value in table(tables.get("services")).items()}
    volumes = {key: _named_volume(key, table(value), name) for key, value in table(tables.get("volumes")).items()}
    return Project(name, services, volumes, tuple(notes))


def service(name: str, found: Mapping[str, Any]) -> Service:
    """One service."""
    return Service(
        name=name,
        image=_text(found.get("image")),
        container_name=_text(found.get("container_name")),
        volumes=(*_volumes(found), *_tmpfs(found)),
        profiles=tuple(map(str, items(found.get("profiles")))),
        dependencies=tuple(dict.fromkeys(_dependencies(found))),
        labels={key: _shown(value) for key, value in table(found.get("labels")).items()},
        logging=_logging(found.get("logging")),
        ports=tuple(_ports(found)),
        gpus=_gpus(found),
        has_health=_has_health(found.get("healthcheck")),
        replicas=_replicas(found),
    )


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _text(value: Any) -> str | None:
    return _shown(value).strip() or None


def _is_true(value: Any) -> bool:
    return _shown(value).casefold() in TRUE


def _volumes(found: Mapping[str, Any]) -> Iterator[Volume]:
    for item in items(found.get("volumes")):
        if target := _text(item.get("target")):
            yield Volume(
                _shown(item.get("type")), _text(item.get("source")), target, read_only=_is_true(item.get("read_only"))
            )


def _tmpfs(found: Mapping[str, Any]) -> Iterator[Volume]:
    for item in items(found.get("tmpfs")):
        yield Volume(TMPFS, None, str(item).partition(":")[0])


def _named_volume(key: str, found: Mapping[str, Any], project: str) -> NamedVolume:
    is_external = _is_true(found.get("external"))
    name = _text(found.get("name")) or (key if is_external else f"{project}_{key}")
    options = table(found.get("driver_opts"))
    is_bind = found.get("driver") == "local" and "bind" in _shown(options.get("o")).split(",")
    return NamedVolume(name, external=is_external, folder=_text(options.get("device")) if is_bind else None)


def _dependencies(found: Mapping[str, Any]) -> Iterator[str]:
    """`depends_on`, links, and the services whose namespaces or volumes it shares."""
    yield from table(found.get("depends_on"))
    yield from (str(link).partition(":")[0] for link in items(found.get("links")))
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        kind, _, other = _shown(found.get(key)).partition(":")
        if kind == "service" and other:
            yield other
    for item in items(found.get("volumes_from")):
        if not str(item).startswith("container:"):
            yield str(item).partition(":")[0]


def _logging(value: Any) -> Logging | None:
    if not isinstance(value, Mapping):
        return None
    options = {key: _shown(item) for key, item in table(value.get("options")).items()}
    return Logging(_shown(value.get("driver")), options)


def _ports(found: Mapping[str, Any]) -> Iterator[Port]:
    for item in items(found.get("ports"))[:MOST_PORTS]:
        target = _shown(item.get("target"))
        if target.isascii() and target.isdigit() and len(target) < 6:
            published, address = _shown(item.get("published")), _shown(item.get("host_ip"))
            yield Port(int(target), published, address, _shown(item.get("protocol")) or "tcp")


def _gpus(found: Mapping[str, Any]) -> Gpus | None:
    """By `deploy.resources.reservations.devices`, `gpus`, or NVIDIA's own runtime."""
    reservations = table(table(table(found.get("deploy")).get("resources")).get("reservations"))
    asked = items(found.get("gpus"))
    devices = [*filter(_is_gpu, items(reservations.get("devices"))), *asked]
    ids = (str(gpu) for device in devices for gpu in items(device.get("device_ids")))
    return Gpus(tuple(dict.fromkeys(ids))) if devices or found.get("runtime") == "nvidia" else None


def _is_gpu(device: Mapping[str, Any]) -> bool:
    return device.get("driver") == "nvidia" or "gpu" in items(device.get("capabilities"))


def _has_health(value: Any) -> bool | None:
    if not isinstance(value, Mapping):
        return None
    return not _is_true(value.get("disable")) and items(value.get("test"))[:1] != ["NONE"]


def _replicas(found: Mapping[str, Any]) -> int | None:
    for value in (found.get("scale"), table(found.get("deploy")).get("replicas")):
        text = _shown(value)
        if text.isascii() and text.isdigit():
            return int(text[:9])
    return None
