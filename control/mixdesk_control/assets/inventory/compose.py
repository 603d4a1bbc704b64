"""The services of compose files as drafts of a registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mixdesk_control import compose
from mixdesk_control.assets.inventory import kinds
from mixdesk_control.assets.inventory.draft import Draft
from mixdesk_control.assets.inventory.errors import InventoryError
from mixdesk_control.assets.inventory.ports import published
from mixdesk_control.compose import ComposeError, Project

MOST_REPLICAS = 32

find = compose.find


def read(files: Sequence[Path], env: Mapping[str, str] | None = None) -> list[Draft]:
    """Drafts of all services, a later file over the ones before it, as `docker compose -f A -f B` reads them.

    Variables come from `env` and from `.env` beside the first file. Raises InventoryError.
    """
    try:
        return list(drafts(compose.read(files, env)))
    except ComposeError as error:
        raise InventoryError(str(error)) from error


def drafts(project: Project) -> Iterator[Draft]:
    """One a container: a service with replicas has several."""
    notes = project.notes
    for name in project.services:
        for number, container in enumerate(_containers(project, name), start=1):
            yield _draft(project, name, container, number, notes)
            notes = ()


def _draft(project: Project, name: str, container: str, number: int, notes: tuple[str, ...]) -> Draft:
    service = project.services[name]
    names, gpus = (name, service.image or ""), service.gpus
    profiles = (f"started only with the profile {' or '.join(service.profiles)}",) if service.profiles else ()
    return Draft(
        name=name if number == 1 else f"{name}-{number}",
        container=container,
        type=kinds.type_of(names, has_gpu=gpus is not None),
        resource_type=kinds.resource_type_of(names, has_gpu=gpus is not None),
        dependencies=tuple(_containers(project, other)[0] for other in service.dependencies),
        gpus=None if gpus is None else gpus.ids,
        vram_mb=kinds.need_of(names),
        health=bool(service.has_health),
        port=next(published(service.ports), None) if number == 1 else None,
        notes=(*notes, *profiles),
    )


def _containers(project: Project, name: str) -> tuple[str, ...]:
    """At least one: a service that is scaled to none may be scaled up."""
    if name not in project.services:
        return (name,)
    return project.container_names(name)[:MOST_REPLICAS] or (f"{project.name}-{name}-1",)
