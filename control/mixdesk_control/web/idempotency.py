"""Idempotency-Key: the same request twice takes effect once, also across a SIGKILL.

Both functions run inside the transaction of the intent they protect.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from mixdesk_control.auth.principal import Principal
from mixdesk_control.store import tables
from mixdesk_control.web.problems import Problem

KEPT_S = 24 * 3600.0
MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered the first time: status and JSON body."""

    status: int
    body: bytes


def find(
    conn: Connection, principal: Principal, path: str, key: str | None, body: bytes, *, now: float | None = None
) -> Reply | None:
    """The earlier answer under this key, None where it is new. Raises Problem 422 for another body under it."""
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY:
        raise Problem(422, f"Idempotency-Key must have 1 to {MAX_KEY} characters, got {len(key)}")
    table = tables.idempotency.c
    oldest = (time.time() if now is None else now) - KEPT_S
    where = and_(_is(principal, path, key), table.at > oldest)
    row = conn.execute(select(table.body_hash, table.status, table.response).where(where)).first()
    if row is None:
        return None
    if row.body_hash != _hash(body):
        raise Problem(422, f"Idempotency-Key {key!r} was used for another body on {path}: take a new key")
    return Reply(row.status, row.response.encode())


def keep(
    conn: Connection,
    principal: Principal,
    path: str,
    key: str | None,
    body: bytes,
    *,
    status: int,
    response: bytes,
    now: float | None = None,
) -> None:
    """Remembers the answer for 24 hours."""
    if key is None:
        return
    at = time.time() if now is None else now
    conn.execute(delete(tables.idempotency).where(_is(principal, path, key)))
    conn.execute(
        insert(tables.idempotency).values(
            actor=_actor(principal),
            path=path,
            key=key,
            body_hash=_hash(body),
            status=status,
            response=response.decode(),
            at=at,
        )
    )


def prune(conn: Connection, now: float) -> None:
    """Forgets what is older than 24 hours."""
    conn.execute(delete(tables.idempotency).where(tables.idempotency.c.at <= now - KEPT_S))


def _is(principal: Principal, path: str, key: str) -> ColumnElement[bool]:
    table = tables.idempotency.c
    return and_(table.actor == _actor(principal), table.path == path, table.key == key)


def _actor(principal: Principal) -> str:
    return principal.token_id or principal.name


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
