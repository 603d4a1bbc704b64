"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL share but SQLAlchemy keeps in their dialects."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from mixdesk_control.store.prepared import Prepared


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows; where one with the same primary key stands already, its other columns are replaced."""
    if rows:
        _statement(table, conn.dialect.name, tuple(rows[0])).run(conn, rows)


@functools.cache  # a handful of them; to make one takes longer than to run it
def _statement(table: Table, dialect: str, columns: tuple[str, ...]) -> Prepared:
    keys = [column.name for column in table.primary_key]
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement: Any = insert(table)
    changed = {name: statement.excluded[name] for name in columns if name not in keys}
    if changed:
        return Prepared(statement.on_conflict_do_update(index_elements=keys, set_=changed), columns)
    return Prepared(statement.on_conflict_do_nothing(index_elements=keys), columns)
