"""A container's files as the engine packs them: a copy each time, kept in memory, never unpacked."""

from __future__ import annotations

import io
import os
import posixpath
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

from urllib3.exceptions import HTTPError

from mixdesk_control.docker_engine.engine import Engine, Stream
from mixdesk_control.docker_engine.errors import EngineError, Gone
from mixdesk_control.logs import directories
from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places.beneath import shown
from mixdesk_control.logs.places.listing import A_FOLDER, leads_to_output
from mixdesk_control.logs.places.listings import Listings

MOST = 64 << 20
"""Bytes of a file, or of all that lies in a folder that is listed."""

MOST_NAMES = 20_000
_AT_ONCE = 1 << 18
_SPECIAL = ((1 << 31, A_FOLDER), (1 << 27, "a link"), (1 << 25, "a fifo"), (1 << 24, "a socket"), (1 << 26, "a device"))
"""Go's bits of a file's mode."""


@dataclass(frozen=True, slots=True)
class ArchivePlace:
    """The last resort: the engine knows no ranges, so that each look costs it the whole file.

    container  its full id
    listings   those that several looks share
    """

    engine: Engine
    container: str
    listings: Listings = field(default_factory=Listings, compare=False, repr=False)

    @property
    def shown(self) -> str:
        """For people."""
        return f"copies by the Docker engine from container {self.container[:12]}"

    @property
    def can_follow(self) -> bool:
        """Each `open` is a copy."""
        return False

    def covers(self, path: str) -> bool:
        """Every path."""
        return True

    def scan(self, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        """What is in a folder; of the files those whose names are wanted. Raises Unreadable."""
        if directories.forbidden(folder):
            raise Unreadable(f"{shown(folder)} is no place for logs")
        found = self.listings.get(self.container, folder, partial(self._list, folder))
        return [one for one in found if one.reason == A_FOLDER or wanted is None or wanted(one.name)]

    def _list(self, folder: str) -> list[Found]:
        try:
            with self._tar(f"{folder.rstrip('/')}/.") as tar:
                return list(_listed(tar))
        except FileNotFoundError:
            return []

    def open(self, path: str) -> int:
        """A file in memory, sealed by having no name. Raises Unreadable, FileNotFoundError."""
        self._check(path)
        with self._tar(path) as tar:
            member = tar.next()
            if member is None or not member.isreg():
                raise Unreadable(f"{shown(path)} is no regular file")
            content = tar.extractfile(member)
            assert content is not None
            return _in_memory(content)

    def open_folder(self, path: str) -> int:
        """Raises Unreadable: there is none to watch."""
        raise Unreadable(f"{shown(path)} is only reached by {self.shown}, which tell of no change")

    def on_host(self, path: str) -> str | None:
        """None."""
        return None

    def _check(self, path: str) -> None:
        why = directories.refusal(posixpath.basename(path))
        if why is None and directories.forbidden(path):
            why = "no logs are there"
        if why is not None:
            raise Unreadable(f"{shown(path)}: {why}")
        with self._refusals(path), self.engine.link() as link:
            seen = link.stat(self.container, path)
        kind = next((name for bit, name in _SPECIAL if int(seen["mode"]) & bit), None)
        if kind is not None:
            raise Unreadable(f"{shown(path)} is {kind}, no file; links are not followed here")
        if int(seen["size"]) > MOST:
            raise Unreadable(
                f"{shown(path)} has {seen['size']} bytes; copies by the Docker engine are at most {MOST} bytes, "
                "so mount its folder or run the desk with `pid: host`"
            )

    @contextmanager
    def _tar(self, path: str) -> Iterator[tarfile.TarFile]:
        with self._refusals(path):
            stream = self.engine.link().archive(self.container, path)
        with closing(stream), self._refusals(path), tarfile.open(fileobj=_Bounded(stream), mode="r|") as tar:
            yield tar

    @contextmanager
    def _refusals(self, path: str) -> Iterator[None]:
        try:
            yield
        except Gone as error:
            raise FileNotFoundError(2, "there is no such file", path) from error
        except (EngineError, HTTPError, tarfile.TarError, KeyError, ValueError) as error:
            raise Unreadable(f"{shown(path)} through the Docker engine: {error}") from error


def _listed(tar: tarfile.TarFile) -> Iterator[Found]:
    """The entries right below the folder that was packed."""
    try:
        for count, member in enumerate(tar):
            name = posixpath.normpath(member.name)
            if "/" not in name and name not in (".", ".."):
                yield _told(name, member)
            if count >= MOST_NAMES:
                return
    except _TooMuch:
        return


def _told(name: str, member: tarfile.TarInfo) -> Found:
    if member.issym() and leads_to_output(member.linkname):
        return Found(name, output=True)
    reason = None if member.isreg() or member.islnk() else A_FOLDER if member.isdir() else "a link, or no regular file"
    return Found(name, member.size, float(member.mtime), reason=reason)


def _in_memory(content: object) -> int:
    assert isinstance(content, io.BufferedIOBase)
    made = os.memfd_create("mixdesk-log", os.MFD_CLOEXEC)
    try:
        while piece := content.read(_AT_ONCE):
            os.write(made, piece)
        os.lseek(made, 0, os.SEEK_SET)
    except BaseException:
        os.close(made)
        raise
    return made


class _TooMuch(tarfile.ReadError):
    """More came than is taken."""


class _Bounded(io.RawIOBase):
    """A stream's bytes, as a file that is read once."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._pieces, self._rest, self._left = iter(stream), b"", MOST + (1 << 20)

    def read(self, size: int = -1) -> bytes:
        """At most so many; empty at the end."""
        while len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._left -= len(piece)
            if self._left < 0:
                raise _TooMuch(f"more than {MOST} bytes")
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
