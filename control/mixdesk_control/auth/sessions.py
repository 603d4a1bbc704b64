"""Sessions of browsers and the codes that open them; kept hashed, so that a copy of the database opens nothing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from mixdesk_control.auth.credentials import digest, new_secret
from mixdesk_control.store import tables

SESSION_S = 14 * 86400.0
CODE_S = 600.0


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that signed in; it ends with its token."""

    hash: str
    token_id: str
    expires_at: float


def open_session(conn: Connection, token_id: str, now: float) -> tuple[Session, str]:
    """A new session and the secret for its cookie."""
    secret = new_secret()
    session = Session(digest(secret), token_id, now + SESSION_S)
    values = {"hash": session.hash, "token_id": token_id, "created_at": now, "expires_at": session.expires_at}
    conn.execute(insert(tables.sessions).values(**values))
    return session, secret


def close_session(conn: Connection, session_hash: str) -> None:
    """Signs a browser out."""
    conn.execute(delete(tables.sessions).where(tables.sessions.c.hash == session_hash))


def all_of(conn: Connection, now: float) -> list[Session]:
    """The sessions that have not run out."""
    table = tables.sessions.c
    query = select(table.hash, table.token_id, table.expires_at).where(table.expires_at > now)
    return [Session(*row) for row in conn.execute(query)]


def new_code(conn: Connection, token_id: str, now: float) -> str:
    """A login code: single use, ten minutes, for a session of this token."""
    code = new_secret()
    values = {"hash": digest(code), "token_id": token_id, "created_at": now, "expires_at": now + CODE_S}
    conn.execute(insert(tables.login_codes).values(**values))
    return code


def redeem_code(conn: Connection, code: str, now: float) -> str | None:
    """The token id behind a code, which is spent by this; None where it is unknown, old or spent."""
    table = tables.login_codes
    valid = (table.c.hash == digest(code)) & table.c.used_at.is_(None) & (table.c.expires_at > now)
    if conn.execute(update(table).where(valid).values(used_at=now)).rowcount != 1:
        return None
    return str(conn.execute(select(table.c.token_id).where(table.c.hash == digest(code))).scalar_one())


def prune(conn: Connection, now: float) -> None:
    """Forgets what has run out."""
    for table in (tables.sessions, tables.login_codes, tables.tickets):
        conn.execute(delete(table).where(table.c.expires_at <= now))
