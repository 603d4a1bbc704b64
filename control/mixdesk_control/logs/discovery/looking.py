"""The files of one service that are logs, as they lie in its folders."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial

from mixdesk_control.logs import directories
from mixdesk_control.logs.place import Found, Place, Unreadable
from mixdesk_control.logs.places.beneath import shown
from mixdesk_control.logs.places.container import ContainerPlace, Look
from mixdesk_control.logs.places.listing import A_FOLDER


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, and the way by which it is reached."""

    found: Found
    way: Place


@dataclass(slots=True)
class Looked:
    """What was found.

    folders  {folder: its files}, in the order in which they were looked into
    outputs  paths of links to the container's own output
    refusals {folder: why it cannot be looked into}
    """

    folders: dict[str, list[Entry]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


NOBODY: frozenset[str] = frozenset()


def look(
    place: ContainerPlace, folders: Iterable[str], files: Sequence[str] = (), named: frozenset[str] = NOBODY
) -> Looked:
    """Into these folders and those right in them, and at these paths, whose last part may have `*`. Blocks.

    named  those of the files of which `directories.refusal` refuses less
    """
    looked = Looked()
    with place.session() as session:
        for folder in folders:
            for below in _look(looked, session, folder, directories.wanted)[: directories.MOST_FOLDERS]:
                _look(looked, session, below, directories.wanted)
        for path in files:
            folder, _, pattern = path.rpartition("/")
            _look(looked, session, folder or "/", partial(_matches, pattern), again=True, named=named)
    return looked


def _matches(pattern: str, name: str) -> bool:
    """Whether it is such a file, or a rotated one of it."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*") or fnmatchcase(name, f"{pattern}-[0-9]*")


def _look(
    looked: Looked,
    session: Look,
    folder: str,
    wanted: Callable[[str], bool],
    *,
    again: bool = False,
    named: frozenset[str] = NOBODY,
) -> list[str]:
    """Adds what is in a folder; the folders in it."""
    folder = posixpath.normpath(folder)
    if folder in looked.folders and not again:
        return []
    try:
        found = session(folder, wanted)
    except (Unreadable, OSError) as error:
        looked.refusals[folder] = str(error)
        return []
    below = sorted(one.name for one, _ in found if one.reason == A_FOLDER)
    files = [(_ruled(folder, one, named), way) for one, way in found if one.reason != A_FOLDER]
    looked.outputs += [posixpath.join(folder, one.name) for one, _ in files if one.output]
    _keep(looked, folder, [Entry(one, way) for one, way in files if not one.output])
    return [posixpath.join(folder, name) for name in below if directories.folder_wanted(name)]


def _ruled(folder: str, found: Found, named: frozenset[str]) -> Found:
    """Refused by its name here already, as it would be when it is opened."""
    is_named = directories.among(posixpath.join(folder, found.name), named)
    why = directories.refusal(found.name, named=is_named)
    return found if why is None or found.reason is not None else replace(found, reason=f"{shown(found.name)}: {why}")


def _keep(looked: Looked, folder: str, entries: list[Entry]) -> None:
    before = looked.folders.setdefault(folder, [])
    names = {entry.found.name for entry in before}
    entries = [entry for entry in entries if entry.found.name not in names]
    left_out = len(before) + len(entries) - directories.MOST_FILES
    if left_out > 0:
        entries.sort(key=lambda entry: (-entry.found.modified, entry.found.name))
        entries = entries[: directories.MOST_FILES - len(before)]
        looked.notes.append(
            f"{shown(folder)} has {left_out:,} more files with names of logs than the {directories.MOST_FILES:,} "
            "freshest, which are shown"
        )
    before += entries


def points(mounts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Mount points that may be folders with logs."""
    for target, _ in mounts:
        if not directories.forbidden(target):
            yield target


def single_files(mounts: Iterable[tuple[str, str]]) -> list[str]:
    """Mount points that are named as logs are: files that are mounted alone."""
    return [target for target in points(mounts) if directories.wanted(posixpath.basename(target))]
