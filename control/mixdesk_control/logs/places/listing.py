"""The entries of a folder, as a place finds them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from itertools import islice

from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places import regular
from mixdesk_control.logs.places.beneath import shown

MOST_ENTRIES = 100_000
"""Of a folder; what comes after them is not seen."""

A_FOLDER = "a folder"
"""The reason of entries that are folders."""

Wanted = Callable[[str], bool]
Opening = Callable[[str], int]
"""An O_PATH descriptor of an entry, links followed. Raises Unreadable, FileNotFoundError."""

_OUTPUT = re.compile(r"/dev/(?:stdout|stderr|fd/[12])|/proc/(?:self|1|thread-self)/fd/[12]|/dev/pts/\d+|/dev/console")


def leads_to_output(link: str) -> bool:
    """Whether a link's text is the container's own output."""
    return _OUTPUT.fullmatch(link) is not None


def entries(descriptor: int, opening: Opening, wanted: Wanted | None) -> list[Found]:
    """Folders, and files whose names are wanted. Closes the descriptor."""
    try:
        with os.scandir(descriptor) as found:
            return list(_entries(descriptor, islice(found, MOST_ENTRIES), opening, wanted))
    finally:
        os.close(descriptor)


def _entries(
    folder: int, found: Iterator[os.DirEntry[str]], opening: Opening, wanted: Wanted | None
) -> Iterator[Found]:
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield Found(entry.name, reason=A_FOLDER)
            continue
        is_wanted = wanted is None or wanted(entry.name)
        if is_wanted or entry.is_symlink():
            one = _entry(folder, entry, opening)
            if one is not None and (is_wanted or one.reason == A_FOLDER):
                yield one


def _entry(folder: int, entry: os.DirEntry[str], opening: Opening) -> Found | None:
    try:
        seen = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(seen.st_mode):
            return _link(os.readlink(entry.name, dir_fd=folder), entry.name, opening)
        if not _may_read(entry.name, folder):
            return Found(entry.name, reason=f"{shown(entry.name)}: this user may not read it")
    except OSError:
        return None  # it has just gone
    return _told(entry.name, seen)


def _may_read(name: str, folder: int) -> bool:
    return os.access(name, os.R_OK, dir_fd=folder, effective_ids=True)


def _link(to: str, name: str, opening: Opening) -> Found | None:
    if leads_to_output(to):
        return Found(name, output=True)
    try:
        descriptor = opening(name)
    except FileNotFoundError:
        return None  # it leads nowhere
    except Unreadable as error:
        return Found(name, reason=str(error))
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISDIR(seen.st_mode):
            regular.check(descriptor, name)
        return _told(name, seen)
    except Unreadable as error:
        return Found(name, reason=str(error))
    finally:
        os.close(descriptor)


def _told(name: str, seen: os.stat_result) -> Found:
    return Found(name, seen.st_size, seen.st_mtime, (seen.st_dev, seen.st_ino), reason=regular.what(seen.st_mode))
