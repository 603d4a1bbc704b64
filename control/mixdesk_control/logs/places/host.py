"""Folders and files of this host, at the paths where a container has them mounted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mixdesk_control.logs import directories
from mixdesk_control.logs.place import Found, Unreadable
from mixdesk_control.logs.places import regular
from mixdesk_control.logs.places.beneath import open_below, refusal, shown
from mixdesk_control.logs.places.listing import A_FOLDER, entries


class NotMounted(Unreadable):
    """The path lies in no mount that is seen here."""


@dataclass(frozen=True, slots=True)
class HostPlace:
    """Links that lead out of their mount are refused.

    mounts   (path in the container, path on this host) each; the longest that fits wins
    openat2  whether the kernel resolves paths; default where it can
    named    files that the settings name: of them see `directories.refusal`
    """

    mounts: tuple[tuple[str, str], ...]
    openat2: bool | None = None
    named: frozenset[str] = frozenset()

    @classmethod
    def everything(cls) -> HostPlace:
        """This host's files at their own paths."""
        return cls((("/", "/"),))

    @property
    def shown(self) -> str:
        """For people."""
        return "mount " + ", ".join(shown(source) for _, source in self.mounts)

    @property
    def can_follow(self) -> bool:
        """They lie here."""
        return True

    def covers(self, path: str) -> bool:
        """Whether the path lies in a mount."""
        return self._mount(path) is not None

    def scan(self, folder: str, wanted: Callable[[str], bool] | None = None) -> list[Found]:
        """What is in a folder, mount points among it; of the files those whose names are wanted. Raises Unreadable."""
        inside = {found.name: found for found in self._inside(folder, wanted)}
        points = {found.name: found for found in self._points(folder) if wanted is None or _fits(found, wanted)}
        return list((inside | points).values())

    def _inside(self, folder: str, wanted: Callable[[str], bool] | None) -> list[Found]:
        if not self.covers(folder):
            return []
        try:
            return entries(self._reopened(folder, folder=True), partial(self._entry, folder), wanted)
        except FileNotFoundError:
            return []

    def _points(self, folder: str) -> Iterator[Found]:
        """Mount points right below the folder, or on the way to them."""
        within = folder.rstrip("/") + "/"
        for target, source in self.mounts:
            if target.startswith(within) and target != within:
                name, _, below = target[len(within) :].partition("/")
                yield Found(name, reason=A_FOLDER) if below else _point(name, source)

    def open(self, path: str) -> int:
        """A file descriptor to read a regular file. Raises Unreadable, FileNotFoundError."""
        return self._reopened(path, folder=False)

    def open_folder(self, path: str) -> int:
        """An O_PATH descriptor of a folder. Raises Unreadable, FileNotFoundError."""
        found = self._opened(path)
        try:
            regular.check(found, path, folder=True)
        except BaseException:
            os.close(found)
            raise
        return found

    def on_host(self, path: str) -> str | None:
        """The source of its mount, and what is below."""
        mount = self._mount(path)
        if mount is None:
            return None
        rest = path[len(mount[0]) :].strip("/")
        return f"{mount[1].rstrip('/')}/{rest}" if rest else mount[1]

    def _mount(self, path: str) -> tuple[str, str] | None:
        fitting = (one for one in self.mounts if path == one[0] or path.startswith(one[0].rstrip("/") + "/"))
        return max(fitting, key=lambda one: len(one[0]), default=None)

    def _entry(self, folder: str, name: str) -> int:
        return self._opened(f"{folder.rstrip('/')}/{name}")

    def _reopened(self, path: str, *, folder: bool) -> int:
        named = directories.among(path, self.named)
        return regular.reopened(self._opened(path), path, folder=folder, named=named)

    def _opened(self, path: str) -> int:
        mount = self._mount(path)
        if mount is None:
            raise NotMounted(f"{shown(path)} lies in no mount; mount its folder, or run the desk with `pid: host`")
        rest = path[len(mount[0]) :].strip("/")
        try:
            root = os.open(mount[1], os.O_PATH | os.O_CLOEXEC | (os.O_DIRECTORY if rest else 0))
        except FileNotFoundError as error:
            raise NotMounted(f"{shown(path)}: its mount, {shown(mount[1])}, is not there, or not seen here") from error
        except NotADirectoryError as error:
            raise FileNotFoundError(error.errno, "there is no such file", path) from error
        except OSError as error:
            raise refusal(error, path) from error
        except ValueError as error:  # a NUL, half a character: a compose file may say anything
            raise Unreadable(f"{shown(path)}: {mount[1]!a} is no path") from error
        if not rest:
            return root
        try:
            return self._allowed(open_below(root, rest, is_root=mount[1] == "/", openat2=self.openat2), mount[1], path)
        finally:
            os.close(root)

    def _allowed(self, found: int, source: str, path: str) -> int:
        """In a mount of the whole host a link may lead anywhere on it."""
        if source == "/" and directories.forbidden(str(Path(f"/proc/self/fd/{found}").readlink())):
            os.close(found)
            raise Unreadable(f"{shown(path)}: it lies where there are no logs")
        return found


def _fits(found: Found, wanted: Callable[[str], bool]) -> bool:
    return found.reason == A_FOLDER or wanted(found.name)


def _point(name: str, source: str) -> Found:
    try:
        seen = Path(source).stat()
    except OSError as error:
        return Found(name, reason=f"{shown(source)}: {error.strerror}")
    except ValueError:
        return Found(name, reason=f"{source!a} is no path")
    return Found(name, seen.st_size, seen.st_mtime, (seen.st_dev, seen.st_ino), reason=regular.what(seen.st_mode))
