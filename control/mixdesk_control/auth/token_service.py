"""Tokens: listed, made and revoked while the desk runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from mixdesk_control.auth import first_start, tokens
from mixdesk_control.auth.table import AccessTable
from mixdesk_control.auth.tokens import CREATED, GIVEN, STATE, Token
from mixdesk_control.auth.watch import Watches
from mixdesk_control.store import tables

if TYPE_CHECKING:
    from mixdesk_control.store import Store

Note = Callable[[Connection], None]


class TokenService:
    """Lives on the event loop; `note` is the audit's line, in the transaction of the change."""

    def __init__(
        self,
        store: Store,
        table: AccessTable,
        watches: Watches,
        clock: Callable[[], float],
        state_dir: Path,
        given: Mapping[str, Path],
    ) -> None:
        self._store = store
        self._table = table
        self._watches = watches
        self._clock = clock
        self.state_dir = state_dir
        self.given = given
        self.used: dict[str, float] = {}

    async def all(self) -> list[Token]:
        """Every token, revoked ones too, newest first."""
        self.flush_use()
        # On the writer, so that the uses just handed to it are seen.
        return await self._store.write(tokens.all_of)

    async def create(self, token: Token, note: Note) -> None:
        """Stores a token made by `tokens.new_token`; it is valid when this returns."""

        def work(conn: Connection) -> None:
            note(conn)
            tokens.add(conn, token)

        await self._store.write(work)
        self._table.add_token(token)

    async def revoke(self, token: Token, note: Note) -> None:
        """Ends a token, its sessions, its embeds and their streams; the state folder's own ones are made anew."""

        def work(conn: Connection) -> Token | None:
            note(conn)
            now = self._clock()
            tokens.revoke(conn, token.id, now)
            return first_start.renew(conn, self.state_dir, token, now) if token.source == STATE else None

        renewed = await self._store.write(work)
        self._table.end_token(token.id)
        self._watches.end(token.id)
        if renewed is not None:
            self._table.add_token(renewed)

    def file_of(self, token: Token) -> Path | None:
        """The file of [auth] token_files that holds a token: while it does, revoking it would stop the next start."""
        return self.given.get(token.name) if token.source == GIVEN and token.active(self._clock()) else None

    def flush_use(self) -> None:
        """Keeps when tokens were used."""
        used, self.used = self.used, {}
        if used:
            self._store.write_soon(lambda conn: tokens.note_use(conn, used))


def any_on_purpose(conn: Connection) -> bool:
    """Whether anybody gave or created a token: what a bind beyond loopback asks for."""
    table = tables.tokens.c
    wanted = table.source.in_((CREATED, GIVEN)) & table.revoked_at.is_(None)
    return conn.execute(select(table.id).where(wanted).limit(1)).first() is not None
