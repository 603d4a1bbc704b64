"""The targets file on disk: read back, and replaced at once or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from mixdesk_control.logs.targets import globs
from mixdesk_control.logs.targets.listing import LABELS, PATH, Group

MODE = 0o644
MOST_BYTES = 16 << 20
SUFFIXES = (".json", ".yml", ".yaml")


class CannotWrite(Exception):
    """Why there is no list for the shippers, and what to do; one line."""


def rendered(groups: Sequence[Group]) -> bytes:
    """The whole file."""
    return (json.dumps(groups, indent=2, ensure_ascii=False) + "\n").encode()


def content(path: Path) -> bytes | None:
    """What lies there; None where nothing does. Raises CannotWrite where it may not be replaced by a list."""
    if path.suffix not in SUFFIXES:
        msg = f"targets file {path} must end in .json: shippers read no other name"
        raise CannotWrite(msg)
    if path.is_symlink():
        msg = f"targets file {path} is a link to {path.readlink()}: name that path itself in [logs] targets_file"
        raise CannotWrite(msg)
    if not path.exists():
        return None
    if not path.is_file():
        msg = f"targets file {path} is a folder or no regular file: name a file in [logs] targets_file"
        raise CannotWrite(msg)
    with path.open("rb") as file:
        found = file.read(MOST_BYTES + 1)
    if len(found) > MOST_BYTES:
        msg = f"targets file {path} is larger than {MOST_BYTES >> 20} MiB, which no list of a desk is: move it away"
        raise CannotWrite(msg)
    return found


def groups_of(old: bytes, path: Path) -> list[Group]:
    """The groups that a desk wrote. Raises CannotWrite where it holds something else: that is never overwritten."""
    if not old.strip():
        return []
    try:
        found = json.loads(old)
        for group in found:
            if set(group) != {"targets", "labels"} or not {PATH, *LABELS} <= set(group["labels"]):
                raise ValueError
            globs.alternatives(group["labels"][PATH])
    except (ValueError, TypeError, AttributeError, RecursionError):
        msg = f"targets file {path} holds something else than a desk's targets: move it away, or name another file"
        raise CannotWrite(msg) from None
    return list(found)


def replace(path: Path, new: bytes) -> None:
    """By rename in the same folder, so that no shipper ever reads half of it. Raises OSError."""
    if len(new) > MOST_BYTES:
        msg = f"targets file {path} would be larger than {MOST_BYTES >> 20} MiB: there are too many logs"
        raise CannotWrite(msg)
    # no name that `*.json` of a shipper matches
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _written(beside, new)
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    _synced(path.parent)


def _written(path: Path, new: bytes) -> None:
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(new)
        file.flush()
        os.fchmod(file.fileno(), MODE)
        os.fsync(file.fileno())


def _synced(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
