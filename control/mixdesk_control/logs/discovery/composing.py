"""The compose files of the settings, as services and what is mounted into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mixdesk_control import compose
from mixdesk_control.compose.model import BIND, VOLUME
from mixdesk_control.logs.discovery.plan import Composed, Project


class Composing:
    """Files that are not there are not missed: the default is one that few have."""

    def __init__(self, files: Sequence[Path], env: Mapping[str, str] | None = None) -> None:
        self._files, self._env = files, env
        self._last = Project()

    def project(self) -> Project:
        """What they say now; empty without any. What is wrong is its trouble, beside what they said last. Blocks."""
        try:
            there = [path for path in self._files if path.is_file()]
            if not there:
                return Project()
            found = compose.project(there, self._env)
        except (compose.ComposeError, OSError, ValueError) as error:
            return replace(self._last, trouble=str(error))
        self._last = Project(found.name, tuple(_composed(found, one) for one in found.services.values()))
        return self._last


def _composed(project: compose.Project, service: compose.Service) -> Composed:
    return Composed(service.name, service.container_name, tuple(sorted(_mounts(project, service))))


def _mounts(project: compose.Project, service: compose.Service) -> Iterator[tuple[str, str]]:
    """Binds, and volumes that stand for a folder of the host: where the engine keeps the others it alone knows."""
    for volume in service.volumes:
        target = volume.target.rstrip("/") or "/"
        if volume.kind == BIND and volume.source:
            yield target, volume.source
        elif volume.kind == VOLUME and volume.source and volume.source in project.volumes:
            folder = project.volumes[volume.source].folder
            if folder:
                yield target, folder
