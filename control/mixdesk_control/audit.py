"""Who asked what of which target, from where, and how it ended: written in the transaction of the change."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import Connection, and_, insert, select, update
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from mixdesk import wire
from mixdesk_control.auth.errors import forbidden
from mixdesk_control.auth.guard import needs
from mixdesk_control.auth.principal import OPERATOR, Principal
from mixdesk_control.store import tables
from mixdesk_control.web.origin import client_address
from mixdesk_control.web.paging import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of

if TYPE_CHECKING:
    from mixdesk_control.store import Store

ACCEPTED, DENIED, DONE = "accepted", "denied", "succeeded"

DENIALS_A_MINUTE = 60


def record(
    conn: Connection,
    principal: Principal,
    *,
    action: str,
    target: str,
    origin: str,
    operation: str | None = None,
    outcome: str = ACCEPTED,
    detail: str | None = None,
    at: float | None = None,
) -> None:
    """One line of the audit. `action` is a dotted verb (`job.checkpoint`), `target` an id, `origin` an address."""
    conn.execute(
        insert(tables.audit).values(
            at=time.time() if at is None else at,
            actor=principal.name,
            via=principal.via,
            action=action,
            target=target,
            origin=origin,
            operation=operation,
            outcome=outcome,
            detail=detail,
        )
    )


def settle(
    conn: Connection,
    operation_id: str,
    outcome: str,
    detail: str | None = None,
    *,
    target: str | None = None,
    done: Collection[str] = (),
) -> None:
    """How the operation ended that lines belong to; those of its steps have their outcome already.

    target  what `detail` is about; lines of other targets keep their own. None: of all
    done    other targets with which it did what their lines say, however it ended itself
    """
    line = tables.audit.c
    opened = update(tables.audit).where(line.operation == operation_id, line.outcome == ACCEPTED)
    others = [other for other in done if other != target]
    if others:
        conn.execute(opened.where(line.target.in_(others)).values(outcome=DONE))
    if detail is not None:
        about = opened if target is None else opened.where(line.target == target)
        conn.execute(about.values(outcome=outcome, detail=detail))
    conn.execute(opened.values(outcome=outcome))


def note_step(
    conn: Connection, actor: str, *, action: str, target: str, operation: str, outcome: str, detail: str, at: float
) -> None:
    """One line for what an operation did to a target, on behalf of `actor`."""
    values = {"action": action, "target": target, "operation": operation, "outcome": outcome, "detail": detail}
    conn.execute(insert(tables.audit).values(at=at, actor=actor, via="operation", origin="", **values))


class DenialLog:
    """Attempts that were refused, at most so many a minute and without waiting for the disk."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._minute, self._noted, self._skipped = 0.0, 0, 0

    def note(self, connection: HTTPConnection, error: HTTPException) -> None:
        """Notes that `connection` was refused with `error`."""
        now = self._clock()
        if now - self._minute >= 60.0:
            self._minute, self._noted = now, 0
        if self._noted >= DENIALS_A_MINUTE:
            self._skipped += 1
            return
        self._noted += 1
        values = self._line(connection, error, now)
        self._store.write_soon(lambda conn: conn.execute(insert(tables.audit).values(**values)))

    def _line(self, connection: HTTPConnection, error: HTTPException, now: float) -> dict[str, Any]:
        principal: Principal | None = getattr(error, "principal", None)
        skipped, self._skipped = self._skipped, 0
        more = f" (and {skipped} more before it)" if skipped else ""
        return {
            "at": now,
            "actor": principal.name if principal else "unknown",
            "via": principal.via if principal else "none",
            "action": "http." + connection.scope.get("method", "websocket").lower(),
            "target": connection.scope["path"][:200],
            "origin": client_address(connection),
            "outcome": DENIED,
            "detail": f"{error.status_code}: {error.detail}{more}"[:500],
        }


class AuditLine(BaseModel):
    """One line: `outcome` is accepted while an operation runs, then what became of it."""

    id: int
    at: str
    actor: str
    via: str
    action: str
    target: str
    origin: str
    operation: str | None
    outcome: str
    detail: str | None


class Filters(BaseModel):
    """Which lines."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    outcome: str | None = None


def lines(conn: Connection, filters: Filters, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Up to `limit` lines, newest first, older than the line `before`."""
    table = tables.audit
    wanted = [table.c[name] == value for name, value in filters if value is not None]
    if before is not None:
        wanted.append(table.c.id < before)
    query = select(table).where(and_(True, *wanted)).order_by(table.c.id.desc()).limit(limit)
    return [{**row._mapping, "at": wire.now_text(row._mapping["at"])} for row in conn.execute(query)]


def router(store: Store) -> APIRouter:
    """`GET /admin/audit`."""
    routes = APIRouter(tags=["audit"])

    @routes.get("/admin/audit", response_model=Page[AuditLine])
    async def get_audit(
        principal: Annotated[Principal, Depends(needs(OPERATOR))],
        filters: Annotated[Filters, Query()],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> dict[str, Any]:
        """Who asked what of which target, when, from where, and how it ended; newest first."""
        if principal.owner is not None:
            raise forbidden(f"{principal.name} is bound to owner {principal.owner!r}; the audit names all", principal)
        before = None if cursor is None else decode_cursor(cursor, tuple[int])[0]
        rows = await store.read(lambda conn: lines(conn, filters, limit + 1, before))
        return page_of(rows, limit, ["id"])

    return routes
