"""One service of a compose file, as far as a registry wants to know it: from its table, and over the one it extends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mixdesk_control.assets.inventory.ports import Port, ports_of

Resolve = Callable[[str], str]

MOST_REPLICAS = 32


@dataclass(frozen=True, slots=True)
class Gpus:
    """What a service or a container asks for: these GPUs, or some that the engine chooses."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """None and empty where the file does not say."""

    container_name: str | None = None
    image: str | None = None
    dependencies: tuple[str, ...] = ()
    has_health: bool | None = None
    ports: tuple[Port, ...] = ()
    gpus: Gpus | None = None
    replicas: int | None = None
    profiles: tuple[str, ...] = ()
    extends: Mapping[str, str] = field(default_factory=dict)

    def over(self, base: Service) -> Service:
        """This one where it extends `base`, or stands in a later file: what it says holds, lists grow."""
        return replace(
            self,
            container_name=self.container_name or base.container_name,
            image=self.image or base.image,
            dependencies=tuple(dict.fromkeys((*base.dependencies, *self.dependencies))),
            has_health=base.has_health if self.has_health is None else self.has_health,
            ports=tuple(dict.fromkeys((*base.ports, *self.ports))),
            gpus=self.gpus or base.gpus,
            replicas=base.replicas if self.replicas is None else self.replicas,
            profiles=tuple(dict.fromkeys((*base.profiles, *self.profiles))),
            extends=self.extends or base.extends,
        )


def read_service(value: Any, resolve: Resolve) -> Service:
    """A service from its table; whatever in it is not as compose wants it is passed over."""
    table = _table(value)
    return Service(
        container_name=_text(table.get("container_name"), resolve),
        image=_text(table.get("image"), resolve),
        dependencies=tuple(dict.fromkeys(_dependencies(table))),
        has_health=_has_health(table.get("healthcheck")),
        ports=tuple(ports_of(table.get("ports"), resolve)),
        gpus=_gpus(table, resolve),
        replicas=_replicas(table, resolve),
        profiles=tuple(item for item in _list(table.get("profiles")) if isinstance(item, str)),
        extends=_extends(table.get("extends"), resolve),
    )


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any, resolve: Resolve) -> str | None:
    return resolve(value).strip() or None if isinstance(value, str) else None


def _dependencies(table: Mapping[str, Any]) -> Iterator[str]:
    """`depends_on` as list or table, links, and the service whose network it shares."""
    named = table.get("depends_on")
    yield from (item for item in (named if isinstance(named, Mapping) else _list(named)) if isinstance(item, str))
    yield from (link.partition(":")[0] for link in _list(table.get("links")) if isinstance(link, str))
    for key in ("network_mode", "ipc", "pid"):
        kind, _, service = str(table.get(key)).partition(":")
        if kind == "service":
            yield service


def _has_health(value: Any) -> bool | None:
    if not isinstance(value, Mapping):
        return None
    test = value.get("test")
    is_off = str(value.get("disable")).casefold() in ("true", "yes", "on", "1")
    return not is_off and test not in ("NONE", ["NONE"])


def _gpus(table: Mapping[str, Any], resolve: Resolve) -> Gpus | None:
    """By `deploy.resources.reservations.devices`, `gpus`, or NVIDIA's own runtime."""
    reservations = _table(_table(_table(table.get("deploy")).get("resources")).get("reservations"))
    asked = table.get("gpus")
    devices = [*_list(reservations.get("devices")), *_list(asked)]
    found = [
        device for device in devices if isinstance(device, Mapping) and _is_gpu(device, is_sure=device in _list(asked))
    ]
    if found:
        ids = (str(item) for device in found for item in _list(device.get("device_ids")) if isinstance(item, str))
        return Gpus(tuple(dict.fromkeys(resolve(item) for item in ids)))
    return Gpus() if isinstance(asked, str) or table.get("runtime") == "nvidia" else None


def _is_gpu(device: Mapping[str, Any], *, is_sure: bool) -> bool:
    return is_sure or device.get("driver") == "nvidia" or "gpu" in _list(device.get("capabilities"))


def _replicas(table: Mapping[str, Any], resolve: Resolve) -> int | None:
    for value in (table.get("scale"), _table(table.get("deploy")).get("replicas")):
        text = resolve(value) if isinstance(value, str) else ""
        if text.isascii() and text.isdigit():
            return min(int(text[:9]), MOST_REPLICAS)
    return None


def _extends(value: Any, resolve: Resolve) -> Mapping[str, str]:
    if isinstance(value, str):
        return {"service": value}
    return {key: resolve(item) for key, item in _table(value).items() if isinstance(item, str)}
