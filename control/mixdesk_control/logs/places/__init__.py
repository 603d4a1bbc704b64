"""Ways to the files of a container or of this host: each opens what lies in its place, and nothing else."""

from __future__ import annotations

from mixdesk_control.logs.places.archive import ArchivePlace
from mixdesk_control.logs.places.container import ContainerPlace
from mixdesk_control.logs.places.host import HostPlace
from mixdesk_control.logs.places.root import RootPlace, started

__all__ = ["ArchivePlace", "ContainerPlace", "HostPlace", "RootPlace", "started"]
