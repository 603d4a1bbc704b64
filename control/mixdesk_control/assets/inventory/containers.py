"""The containers of the engine as drafts of a registry: those that compose made by their service, others by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mixdesk_control.assets.inventory import kinds
from mixdesk_control.assets.inventory.draft import Draft
from mixdesk_control.assets.inventory.errors import InventoryError
from mixdesk_control.assets.inventory.ports import ANY_ADDRESS, LOOPBACK, Port
from mixdesk_exporter.engine import Engine
from mixdesk_exporter.errors import ExporterError

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
NEEDS, ONE_OFF = "com.docker.compose.depends_on", "com.docker.compose.oneoff"
MOST_CONTAINERS = 1000

Inspected = Mapping[str, Any]
"""As `GET /containers/{id}/json` gives it."""


def read(socket: Path) -> list[Draft]:
    """Drafts of all containers, also those that do not run. Raises InventoryError where no engine answers."""
    engine = Engine(socket)
    try:
        listed = engine.containers()[:MOST_CONTAINERS]
        inspected = [found for item in listed if (found := engine.inspect(str(item["Id"]))) is not None]
    except (ExporterError, KeyError, TypeError) as error:
        raise InventoryError(f"the Docker engine cannot be asked: {error}") from error
    return list(drafts(sorted(inspected, key=_name)))


def drafts(inspected: Iterable[Inspected]) -> Iterator[Draft]:
    """One a container, without those of `docker compose run`."""
    found = [item for item in inspected if _labels(item).get(ONE_OFF, "").casefold() != "true"]
    services: dict[tuple[str, str], str] = {}
    for item in found:
        services.setdefault(_service(item), _name(item))
    for item in found:
        yield _draft(item, services)


def _draft(item: Inspected, services: Mapping[tuple[str, str], str]) -> Draft:
    project, service = _service(item)
    config = item.get("Config") or {}
    names, gpus = (service or _name(item), str(config.get("Image") or "")), _gpus(item)
    return Draft(
        name=service or _name(item),
        container=_name(item),
        type=kinds.type_of(names, has_gpu=gpus is not None),
        resource_type=kinds.resource_type_of(names, has_gpu=gpus is not None),
        dependencies=tuple(services.get((project, other), other) for other in _needs(item)),
        gpus=gpus,
        vram_mb=kinds.need_of(names),
        health=(config.get("Healthcheck") or {}).get("Test", ["NONE"])[:1] not in ([], ["NONE"]),
        port=_port(item),
    )


def _name(item: Inspected) -> str:
    return str(item.get("Name") or "").removeprefix("/")


def _labels(item: Inspected) -> Mapping[str, str]:
    return (item.get("Config") or {}).get("Labels") or {}


def _service(item: Inspected) -> tuple[str, str]:
    return _labels(item).get(PROJECT, ""), _labels(item).get(SERVICE, "")


def _needs(item: Inspected) -> Iterator[str]:
    """`hubert:service_healthy:false,redis:service_started:true`"""
    for part in _labels(item).get(NEEDS, "").split(","):
        if name := part.partition(":")[0].strip():
            yield name


def _gpus(item: Inspected) -> tuple[str, ...] | None:
    asked = (item.get("HostConfig") or {}).get("DeviceRequests") or []
    found = [one for one in asked if _is_gpu(one)]
    return tuple(str(gpu) for one in found for gpu in one.get("DeviceIDs") or ()) if found else None


def _is_gpu(request: Mapping[str, Any]) -> bool:
    return request.get("Driver") == "nvidia" or any("gpu" in some for some in request.get("Capabilities") or ())


def _port(item: Inspected) -> Port | None:
    """The first TCP port of the host that leads to it."""
    bindings = (item.get("HostConfig") or {}).get("PortBindings") or {}
    for port, places in sorted(bindings.items()):
        for place in places or ():
            if port.endswith("/tcp") and str(place.get("HostPort", "")).isdigit() and int(place["HostPort"]):
                address = place.get("HostIp") or ""
                return (LOOPBACK if address in ANY_ADDRESS else address), int(place["HostPort"])
    return None
