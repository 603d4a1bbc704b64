"""Services and their sources as the groups of a targets file (Prometheus' file_sd form). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mixdesk import joblog
from mixdesk_control.logs.source import APPLICATION, DOCKER_JSON, JOBS, InEngine, Service, Source
from mixdesk_control.logs.targets import globs

Group = dict[str, Any]
"""`{"targets": ["localhost"], "labels": {...}}`."""

PATH, EXCLUDE = "__path__", "__path_exclude__"
LABELS = ("platform", "host", "service", "source", "kind")
"""What a stream is told apart by. No container, image or time: with a new value a shipper sends the file again."""

LONGEST_VALUE = 200
OLDER = "*.{[0-9],[0-9][0-9],gz,bz2,xz,zst}"
"""Names of rotated and compressed files: in no target, even where its pattern would match them."""

BY_ENGINE = "the engine alone hands it out: ship it by loki.source.docker (loki/docker.alloy)"
BY_MOUNT = "no path on this host leads to it: mount the folder on the host or on a volume"
NOT_MAPPED = "[logs] path_map names no folder above it: add the one under which the shipper sees it"
DATED = re.compile(r"[\d._T-]+")


@dataclass(frozen=True, slots=True)
class Omitted:
    """A source that the file does not list, and what would help."""

    service: str
    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """All groups, in the order of service and source, and what is not among them."""

    groups: tuple[Group, ...]
    omitted: tuple[Omitted, ...]


def document(
    services: Iterable[Service],
    *,
    platform: str,
    host: str,
    path_map: Mapping[str, str],
    job_types: Iterable[str],
    log_root: str,
) -> list[Group]:
    """The groups of the file; see `listing`."""
    found = listing(services, platform=platform, host=host, path_map=path_map, job_types=job_types, log_root=log_root)
    return list(found.groups)


def listing(
    services: Iterable[Service],
    *,
    platform: str,
    host: str,
    path_map: Mapping[str, str],
    job_types: Iterable[str],
    log_root: str,
) -> Listing:
    """One group a service and source, and one a job type.

    path_map   a folder as the desk sees it: the same as the shipper does, the longest one wins; without any the
               shipper sees what the desk does, else what they name alone
    job_types  those that have a folder in `log_root`/jobs
    log_root   the folder `logs` of the desk's state, absolute
    """
    groups: dict[tuple[str, str], Group] = {}
    omitted: list[Omitted] = []
    for service, source, kind, pattern in _wanted(services, job_types, log_root):
        labels = {"platform": platform, "host": host, "service": service, "source": source, "kind": kind}
        try:
            groups[service, source] = _group(labels, _seen_by_shipper(pattern(), path_map))
        except globs.BadGlob as why:
            omitted.append(Omitted(service, source, str(why)))
    ordered = (groups[key] for key in sorted(groups))
    return Listing(tuple(ordered), tuple(sorted(omitted, key=lambda one: (one.service, one.source))))


def _wanted(
    services: Iterable[Service], job_types: Iterable[str], log_root: str
) -> Iterator[tuple[str, str, str, Callable[[], str]]]:
    """Service, source, kind, and what says the pattern as the desk sees it or raises BadGlob."""
    for service in services:
        if service.name != JOBS:  # theirs are listed by type below
            for source in service.sources:
                yield service.name, source.id, source.kind, partial(_pattern, source)
    for job_type in job_types:
        yield JOBS, job_type, APPLICATION, partial(_jobs, log_root, job_type)


def _jobs(log_root: str, job_type: str) -> str:
    return f"{globs.escaped(f'{log_root}/jobs/{joblog.slug(job_type)}')}/*{joblog.SUFFIX}"


def _pattern(source: Source) -> str:
    if source.reason is not None or source.origin is None:
        raise globs.BadGlob(source.reason or "nobody can tell where its lines are")
    if isinstance(source.origin, InEngine):
        raise globs.BadGlob(BY_ENGINE)
    path = source.origin.place.on_host(source.origin.path)
    if path is None:
        raise globs.BadGlob(BY_ENGINE if source.origin.layout == DOCKER_JSON else BY_MOUNT)
    folder, _, name = path.rpartition("/")
    return f"{globs.escaped(folder)}/{name_pattern(name, source.origin.pattern)}"


def name_pattern(name: str, pattern: str | None) -> str:
    """What the live file's name will match: for daily files each digit of the date any digit, and no more, so that
    `laravel-worker.log` stays out of `laravel-*.log`; else the name."""
    before, star, after = (pattern or name).partition("*")
    if not star:
        return globs.escaped(name)
    date = name[len(before) : len(name) - len(after)]
    shape = re.sub(r"\d", "[0-9]", date) if DATED.fullmatch(date) and any(map(str.isdigit, date)) else "*"
    return globs.escaped(before) + shape + globs.escaped(after)


def _seen_by_shipper(pattern: str, path_map: Mapping[str, str]) -> str:
    if not path_map:
        return pattern
    mapped = {globs.escaped(_folder(own)): globs.escaped(_folder(other)) for own, other in path_map.items()}
    above = [own for own in mapped if pattern.startswith(f"{own}/")]
    if not above:
        raise globs.BadGlob(NOT_MAPPED)
    longest = max(above, key=len)
    return mapped[longest] + pattern[len(longest) :]


def _folder(path: str) -> str:
    return path.rstrip("/")


def _group(labels: dict[str, str], pattern: str) -> Group:
    for name, value in labels.items():
        if not value or not globs.is_text(value) or len(value.encode()) > LONGEST_VALUE:
            msg = f"label {name}={value[:40]!r} is empty, no UTF-8 or longer than {LONGEST_VALUE} bytes"
            raise globs.BadGlob(msg)
    return {"targets": ["localhost"], "labels": {PATH: pattern, EXCLUDE: excluding(pattern), **labels}}


def excluding(pattern: str) -> str:
    """`__path_exclude__` for a `__path__`: the rotated files beside it."""
    folders = {one.rpartition("/")[0] for one in globs.alternatives(pattern)}
    return f"{globs.joined(folders)}/{OLDER}"
