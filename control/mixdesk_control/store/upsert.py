"""INSERT ... ON CONFLICT, which SQLite and PostgreSQL share but SQLAlchemy keeps in their dialects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows; where one with the same primary key stands already, its other columns are replaced."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    statement: Any = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    conn.execute(statement, list(rows))
