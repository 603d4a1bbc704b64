"""Which services there are and which containers run them: what compose files, engine and settings say, as one. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mixdesk_control.logs import naming
from mixdesk_control.logs.discovery.containers import Container
from mixdesk_control.logs.source import JOBS
from mixdesk_control.settings_logs import ServiceLogs

COMPOSE, ENGINE, SETTINGS = "compose", "engine", "settings"


@dataclass(frozen=True, slots=True)
class Composed:
    """A service of the compose files.

    mounts  binds: (path in the container, path on this host) each
    """

    name: str
    container: str | None = None
    mounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """What the compose files say together."""

    name: str | None = None
    services: tuple[Composed, ...] = ()
    trouble: str | None = None


@dataclass(slots=True)
class Planned:
    """A service, before anybody has looked for its logs.

    containers  by replica; the first one's sources have plain names
    """

    name: str
    containers: list[Container] = field(default_factory=list)
    composed: Composed | None = None
    configured: ServiceLogs | None = None
    found_in: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def planned(project: Project, containers: Sequence[Container], configured: Mapping[str, ServiceLogs]) -> list[Planned]:
    """Those of the compose files in their order, then the engine's, then those that only the settings name.

    Where there is a compose project only its containers count, and those that the settings name.
    """
    services: dict[str, Planned] = {}
    for composed in project.services:
        one = _named(services, composed.name, COMPOSE)
        one.composed = composed
    named = {logs.container: name for name, logs in configured.items() if logs.container}
    for name, group in _groups(project, containers, named, configured).items():
        one = _named(services, name, ENGINE)
        one.containers = _replicas(group)
    for name, logs in configured.items():
        _named(services, name, SETTINGS).configured = logs
    return list(_in_order(services.values()))


def _groups(
    project: Project,
    containers: Iterable[Container],
    named: Mapping[str, str],
    configured: Mapping[str, ServiceLogs],
) -> dict[str, list[Container]]:
    called = {one.container: one.name for one in project.services if one.container}
    groups: defaultdict[str, list[Container]] = defaultdict(list)
    projects: defaultdict[str, set[str | None]] = defaultdict(set)
    for one in containers:
        if one.service and not one.once:
            projects[one.service].add(one.project)
    for one in containers:
        if one.name in named:
            groups[named[one.name]].append(one)
        elif one.once:
            continue
        elif project.name is None:
            groups[_alone(one, projects)].append(one)
        elif one.project == project.name or one.name in called:
            groups[called.get(one.name) or one.service or one.name].append(one)
        elif one.name in configured:
            groups[one.name].append(one)
    return groups


def _alone(one: Container, projects: Mapping[str, set[str | None]]) -> str:
    """Its service's name, with the project's in front where two projects have one of that name."""
    if not one.service:
        return one.name
    return one.service if len(projects[one.service]) == 1 else f"{one.project}-{one.service}"


def _replicas(group: Iterable[Container]) -> list[Container]:
    """One of each number: that which runs, else the newest."""
    best: dict[tuple[int, str], Container] = {}
    for one in sorted(group, key=lambda one: (one.runs, one.created)):
        best[one.number, "" if one.service else one.name] = one
    return [best[key] for key in sorted(best)]


def _named(services: dict[str, Planned], name: str, found_in: str) -> Planned:
    """The service of a name, which is made where there is none; names that differ never share one."""
    one = services.setdefault(name, Planned(name))
    if found_in not in one.found_in:
        one.found_in.append(found_in)
    return one


def _in_order(services: Iterable[Planned]) -> Iterable[Planned]:
    """Each under a name that may stand in an address and that no other one has."""
    used = {JOBS}
    for one in sorted(services, key=lambda one: naming.slug(one.name) != one.name):  # those that fit keep their names
        name, number = naming.slug(one.name), 2
        while name in used:
            name, number = naming.numbered(naming.slug(one.name), number), number + 1
        used.add(name)
        if name != one.name:
            one.notes.append(f"called {name} here; its own name is {one.name!a}")
            one.name = name
        yield one
