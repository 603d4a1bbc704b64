"""Where the files of a service are reached. What is opened never lies outside, whatever links say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Unreadable(Exception):
    """A file or folder that cannot be read, or may not be; one line that says why and what would help."""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a folder.

    identity  device and inode, the same for two names of one file
    output    a link to the container's own output (`/dev/stdout`, `/proc/self/fd/1`): no file
    reason    why it is none that can be read: a fifo, a folder, a link out of its place
    """

    name: str
    size: int = 0
    modified: float = 0.0
    identity: tuple[int, int] | None = None
    output: bool = False
    reason: str | None = None


class Place(Protocol):
    """A folder of this host, or the root of a container. Equal ones compare equal. Calls may block."""

    @property
    def shown(self) -> str:
        """For people: `mount /srv/api/logs`, `root of process 812`."""

    @property
    def can_follow(self) -> bool:
        """Whether files can be opened where they lie; else each `open` is a copy made for it."""

    def scan(self, folder: str) -> list[Found]:
        """What is in a folder, without what is below; nothing where there is no such folder.

        Raises Unreadable.
        """

    def open(self, path: str) -> int:
        """A file descriptor to read a regular file. Raises Unreadable; FileNotFoundError where it is not there."""

    def open_folder(self, path: str) -> int:
        """A file descriptor of a folder (O_PATH), for who wants to be told of changes in it. Raises the same."""

    def on_host(self, path: str) -> str | None:
        """The same file as this host's programs see it; None where they cannot."""
