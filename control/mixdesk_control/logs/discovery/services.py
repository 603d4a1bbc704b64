"""A planned service, with the sources that are found for it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mixdesk_control.docker_engine.engine import Engine
from mixdesk_control.logs import directories, naming, rank
from mixdesk_control.logs.discovery import inventory, looking, output
from mixdesk_control.logs.discovery.containers import Container
from mixdesk_control.logs.discovery.inventory import Log
from mixdesk_control.logs.discovery.looking import Looked
from mixdesk_control.logs.discovery.plan import Planned
from mixdesk_control.logs.places.archive import ArchivePlace
from mixdesk_control.logs.places.container import ContainerPlace, Way
from mixdesk_control.logs.places.host import HostPlace
from mixdesk_control.logs.places.listings import Listings
from mixdesk_control.logs.places.root import PROC, RootPlace
from mixdesk_control.logs.source import STDOUT, Service, Source

NOT_MADE = "it has no container; `docker compose up` makes one"


@dataclass(slots=True)
class Built:
    """A service; the folders that were looked into, for who wants to know of changes; ids by path."""

    service: Service
    folders: list[tuple[ContainerPlace, str]] = field(default_factory=list)
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Member:
    """A container, or what the settings name on this host; `number` None: ids without one."""

    looked: Looked
    place: ContainerPlace
    container: Container | None = None
    number: int | None = None

    def unseen(self) -> str | None:
        """Why a container that runs is not looked into by itself."""
        if self.container is None or not self.container.runs:
            return None
        if self.container.ticks is None:
            return (
                f"process {self.container.pid} of container {self.container.name} cannot be seen: without `pid: host` "
                "only mounted folders are, and copies by the engine"
            )
        return next((why for way in self.place.ways if isinstance(way, RootPlace) and (why := way.closed())), None)


@dataclass(frozen=True, slots=True)
class World:
    """Where containers' files are reached: through this /proc, and by an engine's copies."""

    engine: Engine
    procfs: Path = PROC
    listings: Listings = field(default_factory=Listings)


def place_of(container: Container, world: World, *, answers: bool = True) -> ContainerPlace:
    """By its mounts, else through its process, else by the copies of an engine that answers."""
    ways: list[Way] = [HostPlace(container.mounts)] if container.mounts else []
    if container.runs and container.ticks is not None:
        ways.append(RootPlace(container.pid, container.ticks, world.procfs))
    if answers:
        ways.append(ArchivePlace(world.engine, container.id, world.listings))
    return ContainerPlace(tuple(ways))


def build(planned: Planned, world: World, *, known: Mapping[str, str], trouble: str | None, now: float) -> Built:
    """Looks for its logs. Blocks.

    known    ids that paths have had
    trouble  why the engine says nothing, or nothing new
    """
    members = [*_members(planned, world, trouble is None), *_on_host(planned)]
    found = [(member, list(inventory.logs(member.looked))) for member in members]
    ids = naming.ids((log.base for _, logs in found for log in logs), known=known, taken={STDOUT})
    sources = list(_sources(planned.name, found, ids, now))
    if not planned.containers and planned.composed is not None:
        sources.append(output.absent(planned.name, trouble or NOT_MADE))
    service = Service(
        name=planned.name,
        containers=tuple(one.name for one in planned.containers),
        state=_state(planned.containers),
        found_in=tuple(planned.found_in),
        sources=tuple(sorted(sources, key=lambda one: rank.order(one, now))),
        notes=tuple(_notes(planned, members, trouble)),
    )
    return Built(service, [(one.place, folder) for one in members for folder in one.looked.folders], ids)


def _members(planned: Planned, world: World, answers: bool) -> Iterator[_Member]:
    extra = planned.configured
    named = () if extra is None or extra.container is None else extra.files
    more = () if extra is None else extra.directories
    for position, one in enumerate(planned.containers):
        place = place_of(one, world, answers=answers)
        number = None if not position else max(one.number, position + 1)
        yield _Member(_look(place, one.mounts, more, named), place, one, number)
    if not planned.containers and planned.composed is not None and planned.composed.mounts:
        mounts = planned.composed.mounts
        place = ContainerPlace((HostPlace(mounts),))
        yield _Member(_look(place, mounts, more, ()), place)


def _look(
    place: ContainerPlace, mounts: Sequence[tuple[str, str]], more: Sequence[str], files: Sequence[str]
) -> Looked:
    folders = directories.folders(looking.points(mounts), more)
    return looking.look(place, folders, (*looking.single_files(mounts), *files))


def _on_host(planned: Planned) -> Iterator[_Member]:
    """What the settings name on this host: files where no container is named, and folders where there is none.

    A link out of these folders is not followed: whoever may write there would choose what the desk reads.
    """
    extra = planned.configured
    if extra is None or extra.container is not None:
        return
    folders = () if planned.containers or planned.composed else extra.directories
    if extra.files or folders:
        named = sorted({*folders, *(posixpath.dirname(file) for file in extra.files)})
        exact = directories.exact(extra.files)
        place = ContainerPlace((HostPlace(tuple((folder, folder) for folder in named), named=exact),))
        yield _Member(looking.look(place, folders, extra.files, exact), place)


def _sources(
    service: str, found: Sequence[tuple[_Member, list[Log]]], ids: Mapping[str, str], now: float
) -> Iterator[Source]:
    """Of all replicas; of a file that they share once."""
    seen: set[tuple[int, int]] = set()
    used: set[str] = set()
    for member, logs in found:
        if member.container is not None:
            id = _id(STDOUT, member.number, used)
            yield output.source(member.container, service, id, member.looked.outputs, now)
        for log in logs:
            if log.identity in seen:
                continue
            yield inventory.source(log, service, _id(ids[log.base], member.number, used), now)
            if log.identity is not None:
                seen.add(log.identity)


def _id(name: str, number: int | None, used: set[str]) -> str:
    id = name if number is None else naming.numbered(name, number)
    number = number or 1
    while id in used:
        number += 1
        id = naming.numbered(name, number)
    used.add(id)
    return id


def _state(containers: Sequence[Container]) -> str | None:
    running = next((one.state for one in containers if one.runs), None)
    return running or (containers[0].state if containers else None)


def _notes(planned: Planned, members: Sequence[_Member], trouble: str | None) -> Iterator[str]:
    yield from planned.notes
    if trouble is not None and (planned.composed is not None or planned.containers):
        yield f"{trouble}{'; this is how it was last seen' if planned.containers else ''}"
    for member in members:
        yield from member.looked.notes
        unseen = member.unseen()
        if unseen is not None:
            yield unseen
        yield from dict.fromkeys(
            f"{folder} is not looked into: {why}" for folder, why in member.looked.refusals.items()
        )
