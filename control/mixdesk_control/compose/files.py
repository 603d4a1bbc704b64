"""Files of compose: found by their names, and read whole or not at all, never waiting for anybody."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from mixdesk_control.compose.errors import ComposeError, TooMuchError
from mixdesk_control.compose.plain_yaml import MOST_BYTES

PRODUCTION = "docker-compose.prod.yml"
USUAL = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
OVERRIDES = (
    *("compose.override.yml", "compose.override.yaml"),
    *("docker-compose.override.yml", "docker-compose.override.yaml"),
)

Stamp = tuple[int, int, int] | None
"""When a file was changed, its size and its inode; None where there is none."""


def find(folder: Path) -> list[Path]:
    """The compose files of a folder: that for production alone, else those that compose finds by their names."""
    if production := _first(folder, (PRODUCTION,)):
        return production
    found = _first(folder, USUAL)
    return [*found, *_first(folder, OVERRIDES)] if found else []


def _first(folder: Path, names: Sequence[str]) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()][:1]


def text(file: Path) -> str:
    """The file's text. Raises ComposeError where it is no file, cannot be read, or is larger than MOST_BYTES."""
    try:
        content = _content(file)
        if len(content) > MOST_BYTES:
            raise TooMuchError(
                f"{file}: it has more than {MOST_BYTES >> 10} KiB, which is more than compose files have"
            )
        return content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise ComposeError(f"{file}: it cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _content(file: Path) -> bytes:
    """At most one byte more than may be. A pipe that nobody writes to does not hold it up."""
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ComposeError(f"{file}: it is no file")
        return stream.read(MOST_BYTES + 1)


def stamp(file: Path) -> Stamp:
    """What changes whenever the file does."""
    try:
        found = file.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
