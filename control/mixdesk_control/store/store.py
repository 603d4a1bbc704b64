"""The door to the database: durable writes on one thread, reads beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mixdesk_control.store import checks, migrations
from mixdesk_control.store.backup import backup, copy
from mixdesk_control.store.engine import READERS, file_of, parse, reading, writing
from mixdesk_control.store.errors import StoreError
from mixdesk_control.store.writer import Work, Writer

T = TypeVar("T")


class Store:
    """One open database. Make it with `Store.open`."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._write_engine = writing(url)
        self._read_engine = reading(url)
        self._writer = Writer(self._write_engine)
        self._verify: Callable[[], None] = lambda: None
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="mixdesk-reader")

    @classmethod
    def open(cls, url: str = "", *, state_dir: Path, mounts: Path = checks.MOUNTS) -> Store:
        """Opens and, where needed, creates or migrates the database; `url` defaults to a file in `state_dir`.

        Raises StoreError with one line where it is read-only, corrupt, from a newer version or on a
        network file system; the file is then as it was.
        """
        parsed = parse(url or f"sqlite:///{state_dir / 'mixdesk.db'}")
        file = file_of(parsed)
        version = checks.check(file, migrations.VERSIONS, mounts) if file is not None else _server_version(parsed)
        if file is not None and version not in (None, migrations.HEAD):
            copy(file, _free_name(file, str(version)))
        store = cls(parsed)
        try:
            store._prepare(version, file)
            if file is not None:
                store._verify = store._writer.verify = checks.Presence(file).check
        except Exception:
            store.close()
            raise
        return store

    def _prepare(self, version: str | None, file: Path | None) -> None:
        if version is None:
            if file is not None:
                file.touch(mode=0o600)
            self.write_blocking(migrations.create)
        elif version != migrations.HEAD:
            self.write_blocking(migrations.upgrade)
        else:
            self.write_blocking(lambda _conn: None)  # an empty transaction: can it be written at all?

    @property
    def url(self) -> str:
        """The address, with its password."""
        return self._url.render_as_string(hide_password=False)

    @property
    def dialect(self) -> str:
        """sqlite or postgresql."""
        return self._url.get_backend_name()

    @property
    def backlog(self) -> int:
        """How many writes wait."""
        return self._writer.backlog

    async def write(self, fn: Work[T]) -> T:
        """Runs `fn(conn)` on the writer thread in one transaction; returns once it is on disk (fsync)."""
        return await self._writer.submit(fn)

    def write_soon(self, fn: Work[object]) -> None:
        """The same with nobody waiting: telemetry. In order with all other writes."""
        self._writer.submit_soon(fn)

    def write_blocking(self, fn: Work[T]) -> T:
        """The same for a thread that may wait."""
        return self._writer.submit_blocking(fn)

    async def read(self, fn: Work[T]) -> T:
        """Runs `fn(conn)` on a reader thread, in one snapshot. It sees every write that has returned."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_blocking, fn)

    def read_blocking(self, fn: Work[T]) -> T:
        """The same for a thread that may wait."""
        try:
            with self._read_engine.begin() as conn:
                return fn(conn)
        except DBAPIError as error:
            self._verify()
            msg = f"the database cannot be read: {error.orig}"
            raise StoreError(msg) from error

    def backup(self, destination: Path) -> Path:
        """A copy of the database as it is now. Raises StoreError."""
        return backup(self.url, destination)

    def close(self) -> None:
        """Commits what waits and closes. The writer goes last: it is the one that may checkpoint the WAL."""
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._read_engine.dispose()
        self._writer.close()
        self._write_engine.dispose()


def _server_version(url: URL) -> str | None:
    engine = reading(url)
    try:
        with engine.connect() as conn:
            version = _version_in(conn)
    except DBAPIError as error:
        msg = f"no database at {url.render_as_string()}: {str(error.orig).strip().splitlines()[0]}"
        raise StoreError(msg) from error
    finally:
        engine.dispose()
    if version is not None and version not in migrations.VERSIONS:
        msg = f"{url.render_as_string()} is from a newer version of Mixdesk (schema {version})"
        raise StoreError(msg)
    return version


def _version_in(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _free_name(file: Path, version: str) -> Path:
    """Where the copy before a migration goes: `mixdesk.db.schema-0001`, then `-2`, `-3`."""
    name = file.with_name(f"{file.name}.schema-{version}")
    number = 1
    while name.exists():
        number += 1
        name = file.with_name(f"{file.name}.schema-{version}-{number}")
    return name
