"""Small JSON files that a reader finds whole or not at all."""
# Read by the runner, which does without pathlib.
# ruff: noqa: PTH105, PTH108, PTH120

from __future__ import annotations

import json
import os
from typing import Any

RUN, EXIT, STOP, LOCK, OUTPUT = "run.json", "exit.json", "stop.json", "runner.lock", "output.log"
"""In the folder of an asset: the run that was started last, how one ended, how long a stop may take, who the runner is
(locked while it lives), what the program prints."""

SPARE = "exit.spare"
MOST = 8 << 20
ROOM = 4096


def write(path: str, content: dict[str, Any]) -> None:
    """Under another name, synced, then renamed. Raises OSError, and leaves the old file as it was."""
    new = f"{path}.new"
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(json.dumps(content).encode())
            file.flush()
            os.fsync(fd)
        os.replace(new, path)
    except OSError:
        remove(new)
        raise
    _sync_folder(path)


def reserve(path: str) -> None:
    """Room on the disk for a file that must be writable when there is none left. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _fill(fd, b"")
    finally:
        os.close(fd)


def write_reserved(spare: str, path: str, content: dict[str, Any]) -> None:
    """As write, in the room that was reserved. Raises OSError."""
    fd = os.open(spare, os.O_WRONLY | os.O_CLOEXEC)
    try:
        _fill(fd, json.dumps(content).encode())
    finally:
        os.close(fd)
    os.replace(spare, path)
    _sync_folder(path)


def _fill(fd: int, content: bytes) -> None:
    os.pwrite(fd, content.ljust(ROOM), 0)  # blanks after a JSON text are none of its business
    os.fsync(fd)


def _sync_folder(path: str) -> None:
    fd = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read(path: str) -> dict[str, Any] | None:
    """None where there is no such file. Raises OSError, and ValueError where it holds something else."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as file:
        content = json.loads(file.read(MOST))
    if not isinstance(content, dict):
        msg = "it holds no JSON object"
        raise ValueError(msg)
    return content


def remove(path: str) -> None:
    """Also where it is gone already."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
