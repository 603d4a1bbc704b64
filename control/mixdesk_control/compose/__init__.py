"""What compose files say, as `docker compose config` reads them. Reads only."""

from __future__ import annotations

from mixdesk_control.compose.errors import ComposeError
from mixdesk_control.compose.files import find
from mixdesk_control.compose.model import Gpus, Logging, NamedVolume, Port, Project, Service, Volume
from mixdesk_control.compose.program import ask
from mixdesk_control.compose.project_files import ProjectFiles, project
from mixdesk_control.compose.reading import read

__all__ = [
    "ComposeError",
    "Gpus",
    "Logging",
    "NamedVolume",
    "Port",
    "Project",
    "ProjectFiles",
    "Service",
    "Volume",
    "ask",
    "find",
    "project",
    "read",
]
