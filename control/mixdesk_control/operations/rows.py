"""Operations as rows of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from mixdesk_control.operations.operation import OPEN, Operation
from mixdesk_control.store.tables import operations
from mixdesk_control.store.upsert import upsert

COLUMNS = operations.c


def save(conn: Connection, items: Sequence[Operation]) -> None:
    """Writes operations as they are now."""
    upsert(conn, operations, [_row(item) for item in items])


def _row(item: Operation) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in COLUMNS.keys()}  # noqa: SIM118  a column collection is no dict
    for name in ("params", "steps", "result"):
        value = row[name]
        row[name] = None if value is None else msgspec.json.encode(value).decode()
    return row


def operation_of(row: Row[Any]) -> Operation:
    """One row as an operation."""
    values = dict(row._mapping)
    values["params"] = msgspec.json.decode(values["params"])
    values["steps"] = msgspec.json.decode(values["steps"], type=tuple[tuple[float, str], ...])
    values["result"] = None if values["result"] is None else msgspec.json.decode(values["result"])
    return Operation(**values)


def load(conn: Connection, operation_id: str) -> Operation | None:
    """One operation."""
    row = conn.execute(select(operations).where(COLUMNS.id == operation_id)).first()
    return None if row is None else operation_of(row)


def load_open(conn: Connection) -> list[Operation]:
    """All that have not ended."""
    return [operation_of(row) for row in conn.execute(select(operations).where(COLUMNS.state.in_(OPEN)))]


def load_page(
    conn: Connection, filters: dict[str, str], limit: int, before: tuple[float, str] | None
) -> list[Operation]:
    """The newest `limit`, older than `before` (created_at, id); `filters` are column values."""
    query = select(operations).where(and_(True, *(COLUMNS[name] == value for name, value in filters.items())))
    if before is not None:
        at, operation_id = before
        query = query.where(or_(COLUMNS.created_at < at, and_(COLUMNS.created_at == at, COLUMNS.id < operation_id)))
    query = query.order_by(COLUMNS.created_at.desc(), COLUMNS.id.desc()).limit(limit)
    return [operation_of(row) for row in conn.execute(query)]


def load_after(conn: Connection, revision: int, limit: int) -> list[Operation]:
    """The first `limit` that changed after a revision, by revision."""
    query = select(operations).where(COLUMNS.revision > revision).order_by(COLUMNS.revision).limit(limit)
    return [operation_of(row) for row in conn.execute(query)]


def touch(conn: Connection, operation_ids: Iterable[str], now: float) -> None:
    """Somebody is still at these."""
    where = and_(COLUMNS.id.in_(list(operation_ids)), COLUMNS.state.in_(OPEN))
    conn.execute(update(operations).where(where).values(updated_at=now))


def prune(conn: Connection, before: float) -> None:
    """Removes what ended before a time."""
    conn.execute(delete(operations).where(COLUMNS.ended_at < before))
