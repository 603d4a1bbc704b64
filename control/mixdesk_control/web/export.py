"""One whole build of the admin in memory: what is not in it cannot be asked for, and no request waits for a disk.

Folder and names come from `scripts/build-admin`; `files.json` is written last and says what belongs to the build.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

LIST = "files.json"
PAGES = "pages.json"
ZIPPED = ".gz"
FOREVER = "_next/static/"
"""Names below here hold a hash of what they name: they never change."""

MOST_BYTES = 64 * 2**20

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}

Mark = tuple[int, int, int]


class NotWhole(Exception):
    """A build that is being copied, or that something is missing of."""


@dataclass(frozen=True, slots=True)
class File:
    """One file: its bytes, the same gzipped where that is smaller, and the hashes of a page's inline scripts."""

    body: bytes
    zipped: bytes | None
    kind: str
    tag: str
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """A build: by name below `/ui/`. `mark` tells it from the next one in the same folder."""

    version: str
    mark: Mark
    files: Mapping[str, File]

    def lasting(self) -> dict[str, File]:
        """What a tab that was opened with this build may still ask for when there is another."""
        return {name: file for name, file in self.files.items() if name.startswith(FOREVER)}


def mark_of(folder: Path) -> Mark | None:
    """Which build lies there; None where there is none."""
    try:
        found = (folder / LIST).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def version_of(folder: Path) -> str | None:
    """Of which version the build is; None where there is none, or none that can be read."""
    try:
        return str(_object(folder / LIST).get("version"))
    except NotWhole:
        return None


def load(folder: Path) -> Export:
    """The build as it lies there. Raises NotWhole."""
    mark = mark_of(folder)
    if mark is None:
        raise NotWhole(f"there is no {folder / LIST}")
    listed, scripts = _object(folder / LIST), _object(folder / PAGES)
    sizes = listed.get("files", {})
    if sum(sizes.values()) > MOST_BYTES:
        raise NotWhole(f"{folder} is larger than a page can be ({MOST_BYTES // 2**20} MiB)")
    read = dict(_read(folder, sizes))
    files = {
        name: _file(name, body, read.get(name + ZIPPED), scripts.get(name, ()))
        for name, body in read.items()
        if not name.endswith(ZIPPED) and name not in (LIST, PAGES)
    }
    if mark_of(folder) != mark:
        raise NotWhole(f"{folder} is being replaced")
    return Export(str(listed.get("version")), mark, files)


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise NotWhole(f"{file}: {error}") from error
    if not isinstance(found, dict):
        raise NotWhole(f"{file} holds no object")
    return found


def _read(folder: Path, sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    base = folder.resolve()
    for name, size in sizes.items():
        file = base.joinpath(*PurePosixPath(name).parts)
        # a link out of the folder would serve what was never built
        if file.resolve() != file:
            raise NotWhole(f"{file} is a link, or lies elsewhere")
        try:
            body = file.read_bytes()
        except OSError as error:
            raise NotWhole(f"{file}: {error.strerror}") from error
        if len(body) != size:
            raise NotWhole(f"{file} has {len(body)} bytes instead of {size}")
        yield name, body


def _file(name: str, body: bytes, zipped: bytes | None, scripts: tuple[str, ...]) -> File:
    kind = _KINDS.get(PurePosixPath(name).suffix, "application/octet-stream")
    return File(body, zipped, kind, hashlib.sha256(body).hexdigest()[:20], tuple(scripts))
