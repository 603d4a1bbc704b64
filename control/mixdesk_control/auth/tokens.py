"""Tokens: random, kept as SHA-256, checked in memory."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from mixdesk_control.auth.credentials import digest, new_secret
from mixdesk_control.auth.principal import ADMIN, ROLES, Principal, expand
from mixdesk_control.store import tables

CREATED, GIVEN, STATE = "created", "given", "state"  # by a person, by [auth] token_files, by the first start

PREFIX = "mxd_"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the secret itself is not. Times are seconds since the epoch."""

    id: str
    name: str
    roles: tuple[str, ...]
    owner: str | None
    hash: str
    source: str
    created_at: float
    last_used_at: float | None = None
    expires_at: float | None = None
    revoked_at: float | None = None

    def principal(self) -> Principal:
        """Who comes by this token."""
        return Principal(self.name, expand(self.roles), self.owner, "token", self.id, expires_at=self.expires_at)

    def active(self, now: float) -> bool:
        """Neither revoked nor run out."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def new_token(
    name: str,
    roles: Iterable[str],
    *,
    now: float,
    owner: str | None = None,
    source: str = CREATED,
    expires_at: float | None = None,
    secret: str | None = None,
) -> tuple[Token, str]:
    """A token and its secret. Raises ValueError for roles that cannot be."""
    wanted = set(roles)
    expand(wanted)
    if owner is not None and ADMIN in wanted:
        msg = "an admin makes tokens of every kind and cannot be bound to an owner: leave the owner out"
        raise ValueError(msg)
    ordered = tuple(role for role in ROLES if role in wanted)
    secret = secret or new_secret(PREFIX)
    token_id = "t" + secrets.token_hex(6)
    token = Token(token_id, name, ordered, owner, digest(secret), source, created_at=now, expires_at=expires_at)
    return token, secret


def add(conn: Connection, token: Token) -> None:
    """Stores a token."""
    row = dataclasses.asdict(token)
    row["roles"] = json.dumps(token.roles)
    conn.execute(insert(tables.tokens).values(**row))


def revoke(conn: Connection, token_id: str, now: float) -> None:
    """Ends a token; its row stays, because the audit names it."""
    table = tables.tokens
    where = (table.c.id == token_id) & table.c.revoked_at.is_(None)
    conn.execute(update(table).where(where).values(revoked_at=now))


def all_of(conn: Connection) -> list[Token]:
    """Every token, newest first."""
    order = tables.tokens.c.created_at.desc(), tables.tokens.c.id
    return [_token(row) for row in conn.execute(select(tables.tokens).order_by(*order))]


def note_use(conn: Connection, used: dict[str, float]) -> None:
    """Keeps when tokens were last used; {token id: time}."""
    for token_id, at in used.items():
        conn.execute(update(tables.tokens).where(tables.tokens.c.id == token_id).values(last_used_at=at))


def _token(row: Row[tuple[object, ...]]) -> Token:
    values = dict(row._mapping)
    values["roles"] = tuple(json.loads(values["roles"]))
    return Token(**values)
