"""Who asks: tokens, sessions and tickets over the store, checked in memory."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, insert, select
from starlette.requests import HTTPConnection

from mixdesk_control.auth import errors, first_start, sessions, tickets, tokens
from mixdesk_control.auth.credentials import is_loopback, presented
from mixdesk_control.auth.first_start import TokenFileError
from mixdesk_control.auth.principal import ADMIN, SCRAPER, Principal
from mixdesk_control.auth.sign_in import SignIn
from mixdesk_control.auth.table import AccessTable
from mixdesk_control.auth.token_service import TokenService
from mixdesk_control.auth.watch import Watches
from mixdesk_control.store import tables

if TYPE_CHECKING:
    import asyncio

    from mixdesk_control.store import Store

LOOPBACK = Principal("loopback", frozenset({SCRAPER}), via="loopback")


class AuthService:
    """Says who asks. Lives on the event loop; `sign_in` and `tokens` make and end what people prove it with.

    `secure` marks the cookie for https alone; `loopback` is off where a proxy makes every peer look local.
    """

    def __init__(
        self,
        store: Store,
        *,
        state_dir: Path,
        given: Mapping[str, Path] | None = None,
        secure: bool = False,
        loopback: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._clock = clock
        self._loopback = loopback
        self._table = AccessTable()
        self._watches = Watches(clock)
        self.secure = secure
        self.sign_in = SignIn(store, self._table, self._watches, clock)
        self.tokens = TokenService(store, self._table, self._watches, clock, state_dir, given or {})
        self.cookie_name = ""

    def load(self) -> None:
        """At the start: makes missing tokens and reads what is valid. Raises TokenFileError."""
        now = self._clock()

        def prepare(conn: Connection) -> str:
            first_start.ensure(conn, self.tokens.state_dir, self.tokens.given, now)
            sessions.prune(conn, now)
            self._table.load(tokens.all_of(conn), sessions.all_of(conn, now), tickets.bearers(conn, now), now)
            return _desk_id(conn)

        name = "mixdesk_" + self._store.write_blocking(prepare)
        self.cookie_name = f"__Host-{name}" if self.secure else name

    async def authenticate(self, connection: HTTPConnection, *, loopback: bool = False) -> Principal:
        """Who asks. Raises AccessRefused 401. With `loopback`, a peer on this host needs no credentials."""
        given = presented(connection, self.cookie_name)
        if given.bearer is not None:
            return self._by_bearer(given.bearer)
        if given.ticket is not None:
            return await self.sign_in.redeem_ws(given.ticket, connection.url.path)
        if loopback and self.on_loopback(connection):
            return LOOPBACK
        if given.cookie is not None:
            return self._by_cookie(given.cookie)
        raise errors.unauthenticated(
            "no credentials: send `Authorization: Bearer TOKEN`, or sign in with the link of `mixdesk login`"
        )

    def on_loopback(self, connection: HTTPConnection) -> bool:
        """Whether the loopback exemption is on and holds for this peer."""
        client = connection.scope.get("client")
        return self._loopback and client is not None and is_loopback(client[0])

    def _by_bearer(self, secret: str) -> Principal:
        now = self._clock()
        principal = self._table.by_bearer(secret, now)
        if principal is None:
            raise errors.unauthenticated(
                "this token is not known, has run out or was revoked: see `mixdesk token list`"
            )
        if principal.token_id is not None:
            self.tokens.used[principal.token_id] = now
        return principal

    def _by_cookie(self, secret: str) -> Principal:
        principal = self._table.by_session(secret, self._clock())
        if principal is None:
            raise errors.unauthenticated("this session has ended: sign in with the link of `mixdesk login`")
        return principal

    def watching(self, principal: Principal) -> AbstractContextManager[asyncio.Future[int]]:
        """A future that resolves, with a WebSocket close code, when this right ends or the desk stops."""
        return self._watches.watching(principal)

    def stopping(self) -> None:
        """Tells every open stream that the desk stops."""
        self._watches.end_all()

    def own_code(self) -> str:
        """A login code for the person who starts the desk; blocks for one transaction."""
        token = self._table.newest(ADMIN)
        if token is None:
            raise TokenFileError("there is no valid token for admin: see [auth] token_files")
        return self._store.write_blocking(lambda conn: sessions.new_code(conn, token.id, self._clock()))

    def keep_house(self) -> None:
        """Once a minute: notes when tokens were used, forgets what has run out."""
        self.tokens.flush_use()
        self._table.prune(self._clock())
        self._store.write_soon(lambda conn: sessions.prune(conn, self._clock()))


def _desk_id(conn: Connection) -> str:
    """Names this desk's cookie: cookies ignore ports, and two desks may share a host name."""
    found = conn.execute(select(tables.meta.c.value).where(tables.meta.c.key == "desk_id")).scalar()
    if found is None:
        found = secrets.token_hex(4)
        conn.execute(insert(tables.meta).values(key="desk_id", value=found))
    return str(found)
