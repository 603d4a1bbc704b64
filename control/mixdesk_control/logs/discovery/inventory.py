"""Files that were found, as the sources of a service. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mixdesk_control.logs import naming, rank
from mixdesk_control.logs.discovery.looking import Entry, Looked
from mixdesk_control.logs.places.beneath import shown
from mixdesk_control.logs.source import InFiles, Rotated, Source


@dataclass(frozen=True, slots=True)
class Log:
    """One log in files.

    path  of the file that is written now, there or not
    base  its path without dates: the same on each day
    """

    path: str
    base: str
    family: naming.Family
    entries: Mapping[str, Entry]

    @property
    def identity(self) -> tuple[int, int] | None:
        """Of the file that is written now."""
        live = self.family.live
        return None if live is None else self.entries[live.name].found.identity


def logs(looked: Looked) -> Iterator[Log]:
    """Each file once, under the first of its paths."""
    seen: set[tuple[int, int]] = set()
    for folder, entries in looked.folders.items():
        by_name = {entry.found.name: entry for entry in entries}
        files = [naming.File(one.found.name, one.found.size, one.found.modified) for one in entries]
        for family in naming.families(files):
            log = Log(posixpath.join(folder, family.name), posixpath.join(folder, family.base), family, by_name)
            if log.identity is None or log.identity not in seen:
                yield log
            if log.identity is not None:
                seen.add(log.identity)


def source(log: Log, service: str, id: str, now: float) -> Source:
    """A log as a source; where it cannot be read, the reason."""
    kind, because = rank.kind_of(log.family.name)
    live = log.family.live
    reason = _reason(log)
    is_seen = live is not None and log.entries[live.name].found.modified > 0  # nobody has looked at a refused one
    size, modified = (live.size, live.modified) if live is not None and is_seen else (None, None)
    why = rank.why(because, size, modified, now) + _unreadable_parts(log.family.older)
    return Source(
        service=service,
        id=id,
        kind=kind,
        path=shown(log.path),
        origin=None if reason else _origin(log),
        why=why,
        size=size,
        modified=modified,
        reason=reason,
    )


def _reason(log: Log) -> str | None:
    if not log.path.isprintable():
        return f"{shown(log.path)}: its name has control characters, or bytes that are no UTF-8; rename it"
    live = log.family.live
    return None if live is None else log.entries[live.name].found.reason


def _origin(log: Log) -> InFiles:
    folder = posixpath.dirname(log.path)
    first = log.family.live or log.family.older[0]
    older = tuple(_rotated(folder, file) for file in log.family.older if log.entries[file.name].found.reason is None)
    return InFiles(log.entries[first.name].way, log.path, older, pattern=log.family.pattern)


def _rotated(folder: str, file: naming.File) -> Rotated:
    packed = naming.part(file.name).packed is not None
    return Rotated(posixpath.join(folder, file.name), file.size, file.modified, packed)


def _unreadable_parts(older: Iterable[naming.File]) -> str:
    packed = sorted(
        {str(end) for file in older if (end := naming.part(file.name).packed) not in (None, *naming.READABLE)}
    )
    return f"; older parts in .{', .'.join(packed)} cannot be read, only .gz, .bz2 and .xz" if packed else ""
