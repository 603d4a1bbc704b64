"""A copy of a SQLite database while the desk runs: whole, on disk, and never half under its name."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from mixdesk_control.store.engine import file_of, parse
from mixdesk_control.store.errors import StoreError


def backup(url: str, destination: Path) -> Path:
    """Copies the database at `url` to `destination`, which may not exist yet; mode 0600. Raises StoreError.

    Works beside a running desk: the copy is one moment of it.
    """
    source = file_of(parse(url))
    if source is None:
        msg = "a PostgreSQL database is backed up by pg_dump, not by the desk"
        raise StoreError(msg)
    if not source.exists():
        msg = f"there is no database at {source}"
        raise StoreError(msg)
    return copy(source, destination)


def copy(source: Path, destination: Path) -> Path:
    """The same, from file to file."""
    if destination.exists():
        msg = f"{destination} exists already: name a new file"
        raise StoreError(msg)
    if not destination.parent.is_dir():
        msg = f"{destination.parent} is not a folder"
        raise StoreError(msg)
    part = destination.with_name(f"{destination.name}.part{os.getpid()}")
    try:
        _copy_pages(source, part)
        _sync(part)
        os.link(part, destination)
        _sync(destination.parent)
    except (OSError, sqlite3.Error) as error:
        msg = f"could not back up to {destination}: {error}"
        raise StoreError(msg) from error
    finally:
        part.unlink(missing_ok=True)
    return destination


def _copy_pages(source: Path, part: Path) -> None:
    part.touch(mode=0o600, exist_ok=False)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(part)) as saved,
    ):
        live.backup(saved)
        # One file is what people copy about: no WAL beside it until a desk opens it.
        saved.execute("PRAGMA journal_mode=DELETE")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
