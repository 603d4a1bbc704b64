"""Whether what the engine calls a mount's source is, on this host, what the container sees."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from mixdesk_control.logs.discovery.containers import Container
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.places.beneath import open_below
from mixdesk_control.logs.places.root import PROC, RootPlace

Mounts = tuple[tuple[str, str], ...]


def verified(container: Container, procfs: Path = PROC) -> Container:
    """Without mounts that are something else here: a desk in a container has folders of its own at the host's paths,
    and an engine may be another host's. Where the container cannot be looked into all are believed."""
    if container.ticks is None or not container.mounts:
        return container
    return replace(container, mounts=agreeing(container.mounts, RootPlace(container.pid, container.ticks, procfs)))


def agreeing(mounts: Mounts, place: RootPlace) -> Mounts:
    """Those whose source is the very folder or file that the process has at the target."""
    try:
        with place.root() as root:
            return tuple(one for one in mounts if _agrees(root, *one))
    except Unreadable:
        return mounts


def _agrees(root: int, target: str, source: str) -> bool:
    try:
        found = open_below(root, target, is_root=True)
    except (Unreadable, OSError):
        return False
    try:
        return os.path.samestat(os.fstat(found), Path(source).stat())
    except OSError:
        return False
    finally:
        os.close(found)
