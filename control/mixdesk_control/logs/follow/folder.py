"""The folder that a source's files lie in: which of them is written now, and which are older."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from glob import escape
from posixpath import basename, dirname

from mixdesk_control.logs import naming
from mixdesk_control.logs.follow.older import Older
from mixdesk_control.logs.place import Unreadable
from mixdesk_control.logs.source import InFiles

MOST_OLDER = 32  # of the newest ones
TRIES = 50

Identity = tuple[int, int]


class Folder:
    """Owns a descriptor of it. Raises FileNotFoundError, Unreadable; its calls block."""

    def __init__(self, origin: InFiles) -> None:
        self.place, self.path = origin.place, dirname(origin.path) or "/"
        self.fd = self.place.open_folder(self.path)
        self.identity = _identity(os.fstat(self.fd))
        self._name = basename(origin.path)
        self._base = naming.part(self._name).base
        self.is_dated = origin.pattern not in (None, self._name, escape(self._name))
        self.stem = self._base.removesuffix(".log")

    def live(self) -> str:
        """The name of the file that is written now, there or not."""
        if not self.is_dated:
            return self._name
        family = self._family()
        return family.live.name if family and family.live else self._name

    def named(self, name: str) -> Identity | None:
        """What has this name, a link itself where it is one; None where there is none. Cheap."""
        try:
            return _identity(os.stat(name, dir_fd=self.fd, follow_symlinks=False))
        except FileNotFoundError:
            return None

    def open(self, name: str) -> int:
        """A descriptor to read it."""
        return self.place.open(f"{self.path.rstrip('/')}/{name}")

    def older(self, but: str) -> list[Older]:
        """The older ones, newest first, all as they were called at one moment; to be closed.

        While they are opened they may be renamed and compressed: what is open stays known by its inode, and two equal
        listings in a row tell that none was overlooked and that what is compressed is so to its end.
        """
        opened: dict[Identity, Older] = {}
        before: list[tuple[str, Identity]] | None = None
        for _ in range(TRIES):
            listing = self.listing(but)
            if listing == before and all(identity in opened for _, identity in listing):
                break
            again = set(before or ())
            for name, identity in listing:
                if identity not in opened and (not _packed(name) or (name, identity) in again):
                    self._open_older(name, opened)
            before = listing
        found = [opened.pop(identity) for _, identity in listing if identity in opened]
        for one in opened.values():
            one.close()
        return found

    def listing(self, but: str) -> list[tuple[str, Identity]]:
        """Names of the older ones, newest first, and what they are."""
        family = self._family()
        files = () if family is None else (*((family.live,) if family.live else ()), *family.older)
        names = [file.name for file in files if file.name != but and _is_read(file.name)]
        plain = [name for name in names if not (_packed(name) and name.removesuffix(f".{_packed(name)}") in names)]
        return [(name, inode) for name in plain[:MOST_OLDER] if (inode := self.named(name)) is not None]

    def close(self) -> None:
        """Lets go of it."""
        os.close(self.fd)

    def _open_older(self, name: str, opened: dict[Identity, Older]) -> None:
        try:
            one = Older(self.open(name), _packed(name))
        except (OSError, Unreadable):
            return
        if opened.setdefault(one.identity, one) is not one:
            one.close()

    def _family(self) -> naming.Family | None:
        families = naming.families(self._files())
        return next((family for family in families if family.base == self._base), None)

    def _files(self) -> Iterator[naming.File]:
        with os.scandir(f"/proc/self/fd/{self.fd}") as found:
            names = [entry.name for entry in found if entry.name.startswith(self.stem)]
        for name in names:
            with suppress(FileNotFoundError):
                seen = os.stat(name, dir_fd=self.fd, follow_symlinks=False)
                yield naming.File(name, seen.st_size, seen.st_mtime)


def _packed(name: str) -> str | None:
    return naming.part(name).packed


def _is_read(name: str) -> bool:
    return _packed(name) in (None, *naming.READABLE)


def _identity(seen: os.stat_result) -> Identity:
    return seen.st_dev, seen.st_ino
