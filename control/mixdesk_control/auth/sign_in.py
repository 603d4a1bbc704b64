"""Sessions, login codes and tickets: made, spent and ended.

`note` arguments are written in the same transaction: the audit's line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from mixdesk_control.auth import errors, sessions, tickets
from mixdesk_control.auth.credentials import digest
from mixdesk_control.auth.principal import Principal
from mixdesk_control.auth.sessions import Session
from mixdesk_control.auth.table import AccessTable
from mixdesk_control.auth.watch import Watches

if TYPE_CHECKING:
    from mixdesk_control.store import Store

T = TypeVar("T")
Note = Callable[[Connection], None]
SignInNote = Callable[[Connection, Principal], None]


class SignIn:
    """Lives on the event loop; what it answers has been committed."""

    def __init__(self, store: Store, table: AccessTable, watches: Watches, clock: Callable[[], float]) -> None:
        self._store = store
        self._table = table
        self._watches = watches
        self._clock = clock
        self._makers: dict[str, tuple[float, Principal]] = {}

    async def new_code(self, principal: Principal, note: Note) -> str:
        """A login code for a session of the token behind `principal`."""
        token_id = token_id_of(principal)
        return await self._write(lambda conn: sessions.new_code(conn, token_id, self._clock()), note)

    async def by_code(self, code: str, note: SignInNote) -> tuple[Principal, str]:
        """Spends a login code: the session's principal and the cookie's value. Raises AccessRefused 401."""

        def work(conn: Connection) -> tuple[Session, str] | None:
            token_id = sessions.redeem_code(conn, code, self._clock())
            return None if token_id is None else self._open(conn, token_id, note)

        return self._signed_in(await self._store.write(work))

    async def by_token(self, secret: str, note: SignInNote) -> tuple[Principal, str]:
        """A session for a token that was typed in. Raises AccessRefused 401."""
        principal = self._table.by_bearer(secret, self._clock())
        if principal is None or principal.via != "token":
            raise errors.unauthenticated("this token is not known, has run out or was revoked")
        token_id = token_id_of(principal)
        return self._signed_in(await self._store.write(lambda conn: self._open(conn, token_id, note)))

    def _open(self, conn: Connection, token_id: str, note: SignInNote) -> tuple[Session, str] | None:
        token = self._table.token(token_id)
        if token is None:
            return None
        note(conn, token.principal())
        return sessions.open_session(conn, token_id, self._clock())

    def _signed_in(self, opened: tuple[Session, str] | None) -> tuple[Principal, str]:
        principal = None if opened is None else self._table.add_session(opened[0])
        if opened is None or principal is None:
            raise errors.unauthenticated(
                "this login link was used already, is older than 10 minutes, or wrong: get a new one by `mixdesk login`"
            )
        return principal, opened[1]

    async def sign_out(self, principal: Principal, note: Note) -> None:
        """Ends the session behind `principal`, and the streams that it opened."""
        if principal.via != "session" or principal.session is None:
            return
        session = principal.session
        await self._write(lambda conn: sessions.close_session(conn, session), note)
        self._table.end_session(session)
        self._watches.end(session)

    async def ws_ticket(self, principal: Principal, path: str) -> str:
        """A ticket for one WebSocket at `path`; what it opens ends with what `principal` came by."""
        token_id_of(principal)
        now = self._clock()
        secret = await self._store.write(lambda conn: tickets.new_ws(conn, principal, path, now))
        self._makers = {key: made for key, made in self._makers.items() if made[0] > now - tickets.WS_S}
        self._makers[digest(secret)] = now, principal
        return secret

    async def redeem_ws(self, secret: str, path: str) -> Principal:
        """Spends a WebSocket's ticket. Raises AccessRefused 401, or 403 for another path."""
        now = self._clock()
        ticket = await self._store.write(lambda conn: tickets.redeem(conn, tickets.WS, secret, now))
        token = None if ticket is None else self._table.token(ticket.token_id)
        if ticket is None or token is None:
            raise errors.unauthenticated("this ticket is not known, spent, or older than 30 s: ask for a new one")
        if ticket.path != path:
            raise errors.forbidden(f"this ticket is for {ticket.path}, not for {path}")
        principal = ticket.principal(token.name)
        _, maker = self._makers.pop(ticket.hash, (now, principal))
        return dataclasses.replace(principal, session=maker.session, expires_at=maker.expires_at)

    async def embed_ticket(
        self, principal: Principal, *, ttl: float, job_id: str | None, owner: str | None, note: Note
    ) -> str:
        """A ticket for an embedded view of one job or owner, never wider than the rights of `principal`."""
        token_id_of(principal)
        if principal.owner is not None and owner not in (None, principal.owner):
            raise errors.forbidden(f"{principal.name} is bound to owner {principal.owner!r}, not {owner!r}", principal)
        bound = principal.owner if owner is None else owner
        return await self._write(
            lambda conn: tickets.new_embed(conn, principal, self._clock(), ttl=ttl, job_id=job_id, owner=bound), note
        )

    async def trade_embed(self, secret: str) -> tuple[Principal, str]:
        """An embed's ticket for its bearer of 15 minutes. Raises AccessRefused 401."""
        traded = await self._store.write(lambda conn: tickets.trade(conn, secret, self._clock()))
        token = None if traded is None else self._table.token(traded[0].token_id)
        if traded is None or token is None:
            raise errors.unauthenticated("this embed ticket is not known, spent or too old: ask for a new one")
        self._table.add_bearer(traded[0])
        return traded[0].principal(token.name), traded[1]

    async def _write(self, work: Callable[[Connection], T], note: Note) -> T:
        def both(conn: Connection) -> T:
            note(conn)
            return work(conn)

        return await self._store.write(both)


def token_id_of(principal: Principal) -> str:
    """The token behind a principal. Raises AccessRefused where there is none."""
    if principal.token_id is None:
        raise errors.forbidden("this needs a token or a session of one", principal)
    return principal.token_id
