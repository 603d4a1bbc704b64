"""The services of compose files as drafts of a registry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mixdesk_control.assets.inventory import kinds, plain_yaml, variables
from mixdesk_control.assets.inventory.draft import Draft
from mixdesk_control.assets.inventory.errors import InventoryError
from mixdesk_control.assets.inventory.service import Service, read_service

PRODUCTION = "docker-compose.prod.yml"
USUAL = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)
MOST_SERVICES = 1000
MOST_EXTENDED = 8
MOST_FILES = 32


@dataclass(frozen=True, slots=True)
class Project:
    """What compose files say together."""

    name: str
    services: Mapping[str, Service]
    includes: tuple[str, ...] = ()


def find(folder: Path) -> list[Path]:
    """The compose files of a folder: that for production alone, else those that compose finds by their names."""
    if production := _first(folder, (PRODUCTION,)):
        return production
    found = _first(folder, USUAL)
    return [*found, *_first(folder, OVERRIDES)] if found else []


def _first(folder: Path, names: Sequence[str]) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()][:1]


def read(files: Sequence[Path], env: Mapping[str, str] | None = None) -> list[Draft]:
    """Drafts of all services, a later file over the ones before it, as `docker compose -f A -f B` reads them.

    Variables come from `env` and from `.env` beside the first file. Raises InventoryError.
    """
    given = os.environ if env is None else env
    return list(drafts(_Reader(files, {**_env_file(files[0].absolute().parent / ".env"), **given}).project()))


def drafts(project: Project) -> Iterator[Draft]:
    """One a container: a service with replicas has several."""
    if project.includes:
        included = f"the compose file includes {', '.join(project.includes)}: not read, name it with --compose"
    for number, (name, service) in enumerate(project.services.items()):
        for replica in range(1, max(_replicas(service), 1) + 1):
            notes = (included,) if project.includes and number == 0 and replica == 1 else ()
            yield _draft(project, name, service, replica, notes)


def _draft(project: Project, name: str, service: Service, replica: int, notes: tuple[str, ...]) -> Draft:
    names, gpus = (name, service.image or ""), service.gpus
    dependencies = (_container(project, other) for other in service.dependencies)
    profiles = (f"started only with the profile {' or '.join(service.profiles)}",) if service.profiles else ()
    return Draft(
        name=name if replica == 1 else f"{name}-{replica}",
        container=_container(project, name, replica),
        type=kinds.type_of(names, has_gpu=gpus is not None),
        resource_type=kinds.resource_type_of(names, has_gpu=gpus is not None),
        dependencies=tuple(dependencies),
        gpus=None if gpus is None else gpus.ids,
        vram_mb=kinds.need_of(names),
        health=bool(service.has_health),
        port=next(iter(service.ports), None) if replica == 1 else None,
        notes=(*notes, *profiles),
    )


def _container(project: Project, name: str, replica: int = 1) -> str:
    service = project.services.get(name)
    if service is None:
        return name
    return service.container_name or f"{project.name}-{name}-{replica}"


def _replicas(service: Service) -> int:
    return 1 if service.container_name else service.replicas or 1


class _Reader:
    """Reads files once each, and services over what they extend."""

    def __init__(self, files: Sequence[Path], env: Mapping[str, str]) -> None:
        self._files = [file.absolute() for file in files]
        self._env = env
        self._resolve = partial(variables.resolved, env=env)
        self._documents: dict[Path, Mapping[str, Any]] = {}

    def project(self) -> Project:
        services: dict[str, Service] = {}
        for file in self._files:
            for name in self._services(file):
                found = self._service(file, name, MOST_EXTENDED)
                services[name] = found.over(services[name]) if name in services else found
        if not services:
            raise InventoryError(f"{self._files[0]}: it has no services, so it is no compose file")
        includes = tuple(path for file in self._files for path in self._includes(file))
        return Project(self._project_name(), services, includes)

    def _document(self, file: Path) -> Mapping[str, Any]:
        if file not in self._documents:
            if len(self._documents) >= MOST_FILES:
                raise InventoryError(f"{file}: services extend those of more than {MOST_FILES} files")
            self._documents[file] = _parsed(file)
        return self._documents[file]

    def _services(self, file: Path) -> Mapping[str, Any]:
        found = self._document(file).get("services") or {}  # a file over another one may have none
        if not isinstance(found, Mapping):
            raise InventoryError(f"{file}: it has no services, so it is no compose file")
        if len(found) > MOST_SERVICES:
            raise InventoryError(f"{file}: it has {len(found)} services; more than {MOST_SERVICES} are not read")
        return found

    def _service(self, file: Path, name: str, left: int) -> Service:
        services = self._services(file)
        if name not in services:
            raise InventoryError(f"{file}: a service extends {name!r}, which is not there")
        service = read_service(services[name], self._resolve)
        base = service.extends.get("service")
        if base is None:
            return service
        if left == 0:
            raise InventoryError(f"{file}: {name!r} extends in a circle, or over more than {MOST_EXTENDED} services")
        found = self._service(self._other(file, service.extends.get("file")), base, left - 1)
        return service.over(found)

    def _other(self, file: Path, path: str | None) -> Path:
        return file if path is None else Path(os.path.normpath(file.parent / path))

    def _includes(self, file: Path) -> Iterator[str]:
        included = self._document(file).get("include")
        for item in included if isinstance(included, list) else ():
            path = item.get("path") if isinstance(item, Mapping) else item
            yield from (str(one) for one in (path if isinstance(path, list) else [path]))

    def _project_name(self) -> str:
        names = [self._document(file).get("name") for file in reversed(self._files)]
        named = next((self._resolve(name) for name in names if isinstance(name, str)), None)
        given = self._env.get("COMPOSE_PROJECT_NAME") or named or self._files[0].parent.name
        return re.sub(r"[^a-z0-9_-]", "", given.lower()).lstrip("_-") or "default"


def _parsed(file: Path) -> Mapping[str, Any]:
    text = _text(file)
    try:
        found = plain_yaml.parse(text)
    except InventoryError as error:
        raise InventoryError(f"{file}: {error}") from error
    if not isinstance(found, Mapping):
        raise InventoryError(f"{file}: it is no compose file: expected tables such as `services:`")
    return found


def _text(file: Path) -> str:
    if file.exists() and not file.is_file():
        raise InventoryError(f"{file}: it is no file")
    try:
        with file.open(encoding="utf-8-sig") as stream:
            return stream.read(plain_yaml.MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InventoryError(f"{file}: it cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _env_file(file: Path) -> dict[str, str]:
    """`NAME=value` lines; without a file none."""
    try:
        with file.open(encoding="utf-8-sig") as stream:
            lines = stream.read(plain_yaml.MOST_BYTES).splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, sign, value in pairs if sign}
