"""Tickets: a WebSocket's (30 s, single use, bound to its path), an embed's, and the bearer an embed trades it for."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from mixdesk_control.auth.credentials import digest, new_secret
from mixdesk_control.auth.principal import VIEWER, Principal
from mixdesk_control.store import tables

WS, EMBED, BEARER = "ws", "embed", "bearer"
WS_S, BEARER_S = 30.0, 900.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket allows. `path` binds a WebSocket's, `job_id` and `owner` an embed's."""

    hash: str
    kind: str
    path: str | None
    roles: tuple[str, ...]
    owner: str | None
    token_id: str
    job_id: str | None
    expires_at: float

    def principal(self, name: str) -> Principal:
        """Who comes by this ticket; `name` is that of the token behind it."""
        roles = frozenset(self.roles)
        expires_at = self.expires_at if self.kind == BEARER else None
        return Principal(
            name, roles, self.owner, "ticket", self.token_id, self.job_id, session=self.hash, expires_at=expires_at
        )


def new_ws(conn: Connection, principal: Principal, path: str, now: float) -> str:
    """A ticket for one WebSocket at `path`, with the rights of `principal`."""
    return _new(conn, WS, principal, now + WS_S, now, path=path, job_id=principal.job_id, owner=principal.owner)


def new_embed(
    conn: Connection, principal: Principal, now: float, *, ttl: float, job_id: str | None, owner: str | None
) -> str:
    """A ticket for an embedded view of one job or one owner's jobs; it reads, whatever `principal` may."""
    return _new(conn, EMBED, principal, now + ttl, now, roles=(VIEWER,), job_id=job_id, owner=owner)


def _new(
    conn: Connection,
    kind: str,
    principal: Principal,
    expires_at: float,
    now: float,
    *,
    roles: tuple[str, ...] | None = None,
    path: str | None = None,
    job_id: str | None = None,
    owner: str | None = None,
) -> str:
    secret = new_secret()
    conn.execute(
        insert(tables.tickets).values(
            hash=digest(secret),
            kind=kind,
            path=path,
            roles=json.dumps(sorted(principal.roles) if roles is None else roles),
            owner=owner,
            token_id=principal.token_id,
            job_id=job_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return secret


def redeem(conn: Connection, kind: str, secret: str, now: float) -> Ticket | None:
    """The ticket, which is spent by this; None where it is unknown, of another kind, old or spent."""
    table = tables.tickets
    valid = (table.c.hash == digest(secret)) & (table.c.kind == kind)
    valid &= table.c.used_at.is_(None) & (table.c.expires_at > now)
    if conn.execute(update(table).where(valid).values(used_at=now)).rowcount != 1:
        return None
    return _ticket(conn.execute(select(table).where(table.c.hash == digest(secret))).one())


def trade(conn: Connection, secret: str, now: float) -> tuple[Ticket, str] | None:
    """An embed's ticket for a read-only bearer of 15 minutes: what it allows, and its secret."""
    ticket = redeem(conn, EMBED, secret, now)
    if ticket is None:
        return None
    behind = ticket.principal("")
    bearer = _new(conn, BEARER, behind, now + BEARER_S, now, job_id=ticket.job_id, owner=ticket.owner)
    row = conn.execute(select(tables.tickets).where(tables.tickets.c.hash == digest(bearer))).one()
    return _ticket(row), bearer


def bearers(conn: Connection, now: float) -> list[Ticket]:
    """The bearers of embeds that have not run out."""
    table = tables.tickets
    query = select(table).where((table.c.kind == BEARER) & (table.c.expires_at > now))
    return [_ticket(row) for row in conn.execute(query)]


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    values = row._mapping
    return Ticket(
        hash=values["hash"],
        kind=values["kind"],
        path=values["path"],
        roles=tuple(json.loads(values["roles"])),
        owner=values["owner"],
        token_id=values["token_id"],
        job_id=values["job_id"],
        expires_at=values["expires_at"],
    )
