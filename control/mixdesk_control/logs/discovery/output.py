"""A container's own output as a source: from its file where this host has it, else from the engine."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from mixdesk_control.logs import rank
from mixdesk_control.logs.discovery.containers import Container
from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places.beneath import shown
from mixdesk_control.logs.places.host import HostPlace
from mixdesk_control.logs.source import DOCKER_JSON, STDOUT, InEngine, InFiles, Rotated, Source

NONE = "none"  # the driver that keeps nothing
MOST_LINKS = 3  # paths that are named


def source(container: Container, service: str, id: str, links: Sequence[str], now: float) -> Source:
    """`links`: paths in it that lead to its output. Blocks."""
    found = Source(service=service, id=id, kind=STDOUT, why=_why(links))
    if container.driver == NONE:
        help = f"the logging driver of container {container.name} is none: set another one, json-file for example"
        return replace(found, reason=help)
    return _in_file(found, container, now) or replace(found, origin=InEngine(container.id, container.terminal))


def absent(service: str, why: str) -> Source:
    """Of a service without a container."""
    return Source(service=service, id=STDOUT, kind=STDOUT, why=_why(()), reason=why)


def _why(links: Sequence[str]) -> str:
    if not links:
        return "the container's output"
    named = ", ".join(shown(link) for link in links[:MOST_LINKS])
    more = f" and {len(links) - MOST_LINKS} more" if len(links) > MOST_LINKS else ""
    return f"the container's output, to which {named}{more} lead"


def _in_file(found: Source, container: Container, now: float) -> Source | None:
    """None where the engine keeps it elsewhere, or this host does not have it."""
    if not container.log.startswith("/"):
        return None
    folder, name = posixpath.split(container.log)
    place = HostPlace(((folder, folder),))
    try:
        files = {one.name: one for one in place.scan(folder, lambda other: other.startswith(name))}
    except (Unreadable, OSError):
        return None
    live = files.get(name)
    if live is None or live.reason is not None:
        return None
    origin = InFiles(place, container.log, _rotated(folder, name, files.values()), DOCKER_JSON, name)
    why = rank.why(found.why, live.size, live.modified, now)
    return replace(found, origin=origin, size=live.size, modified=live.modified, why=why)


def _rotated(folder: str, name: str, files: Iterable[Found]) -> tuple[Rotated, ...]:
    """`ID-json.log.1` is the newest of them; the engine packs all but that one where it is told to."""
    number = re.compile(rf"{re.escape(name)}\.(\d+)(\.gz)?")
    older: list[tuple[int, Found]] = []
    for one in files:
        said = number.fullmatch(one.name)
        if said and one.reason is None:
            older.append((int(said[1]), one))
    older.sort(key=lambda one: one[0])
    return tuple(
        Rotated(posixpath.join(folder, one.name), one.size, one.modified, one.name.endswith(".gz")) for _, one in older
    )
