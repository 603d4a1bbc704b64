"""The two kinds of connection: the one that writes, and those that only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from mixdesk_control.store.errors import StoreError

READERS = 2
BUSY_TIMEOUT_S = 5.0


def parse(url: str) -> URL:
    """The address of a database. Raises StoreError for one that is neither SQLite nor PostgreSQL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        msg = "[store] url is not a database address: write sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise StoreError(msg) from None
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        msg = f"[store] url names {backend!r}: use sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise StoreError(msg)
    if backend == "sqlite" and not parsed.database:
        msg = "[store] url names no file: write sqlite:///PATH"
        raise StoreError(msg)
    return parsed.set(drivername="postgresql+psycopg") if backend == "postgresql" else parsed


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database, None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def writing(url: URL) -> Engine:
    """The engine of the one connection that writes."""
    file = file_of(url)
    if file is None:
        return create_engine(url, pool_size=1, max_overflow=0)
    engine = create_engine(url, poolclass=NullPool, creator=_opener(file))
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading(url: URL) -> Engine:
    """The engine of the connections that only read; SQLite refuses them any write."""
    file = file_of(url)
    if file is None:
        # A server restarts now and then.
        return create_engine(url, pool_size=READERS, max_overflow=0, pool_pre_ping=True)
    engine = create_engine(url, pool_size=READERS, max_overflow=0, creator=_opener(file))
    event.listen(engine, "connect", _prepare_reader)
    event.listen(engine, "begin", _begin_deferred)
    return engine


def _opener(file: Path) -> Callable[[], sqlite3.Connection]:
    """Opens a file that is there: an empty one in the place of one that was deleted would be taken for the database."""
    address = f"{file.resolve().as_uri()}?mode=rw"
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False, timeout=BUSY_TIMEOUT_S)


def _prepare_writer(dbapi: Any, _record: object) -> None:
    # Transactions are begun by hand: the driver's own begin comes too late for a savepoint.
    dbapi.isolation_level = None
    dbapi.execute("PRAGMA journal_mode=WAL")
    dbapi.execute("PRAGMA synchronous=FULL")
    dbapi.execute("PRAGMA temp_store=MEMORY")


def _prepare_reader(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None
    dbapi.execute("PRAGMA query_only=ON")
    dbapi.execute("PRAGMA temp_store=MEMORY")


def _begin_immediate(conn: Any) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(conn: Any) -> None:
    conn.exec_driver_sql("BEGIN")
