"""Holds: a client that uses an asset says so for a while, and nobody stops it under them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from mixdesk_control import audit
from mixdesk_control.assets import rows
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.courses import Courses
from mixdesk_control.assets.document import shown_hold
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.rows import Hold
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.problems import Problem

MOST = 100  # of one asset


class Holding:
    """Takes, renews and ends holds."""

    def __init__(self, board: Board, courses: Courses, turn: asyncio.Lock) -> None:
        self._board = board
        self._courses = courses
        self._turn = turn

    async def take(
        self, entry: Entry, asked: Asked, ttl_s: float, reason: str | None, hold_id: str | None
    ) -> dict[str, Any]:
        """A new hold, or, with the id of one, a longer one. Raises Problem 404, 409 for what is being stopped."""
        async with self._turn:
            if entry.asset.id in self._courses.ending():
                raise Problem(409, f"{entry.asset.id} is being stopped: start it first")
            return await self._take(entry, asked, ttl_s, reason, hold_id)

    async def _take(
        self, entry: Entry, asked: Asked, ttl_s: float, reason: str | None, hold_id: str | None
    ) -> dict[str, Any]:
        now, asset_id = self._board.clock(), entry.asset.id
        if hold_id is not None:
            found = self._find(entry, hold_id)
            hold = replace(found, expires_at=max(found.expires_at, now + ttl_s))
        elif len(self._board.holds_of(asset_id)) >= MOST:
            raise Problem(409, f"{asset_id} has {MOST} holds, the most: end some, or renew one by its id")
        else:
            new_id = self._board.operations.new_id()
            hold = Hold(new_id, asset_id, asked.principal.name, reason, now, now + ttl_s)

        def work(conn: Connection) -> None:
            rows.prune_holds(conn, now)
            rows.save_hold(conn, hold)
            if hold_id is None or hold.actor != asked.principal.name:
                self._note(conn, "asset.hold", hold, asked)

        await self._board.commit(work)
        self._board.holds = {key: one for key, one in self._board.holds.items() if one.expires_at > now}
        self._board.holds[hold.id] = hold
        self._board.show([entry])
        return shown_hold(hold)

    async def end(self, entry: Entry, asked: Asked, hold_id: str) -> None:
        """Ends a hold before its time. Raises Problem 404."""
        hold = self._find(entry, hold_id)

        def work(conn: Connection) -> None:
            rows.drop_hold(conn, hold.id)
            self._note(conn, "asset.release", hold, asked)

        await self._board.commit(work)
        self._board.holds.pop(hold.id, None)
        self._board.show([entry])

    def _find(self, entry: Entry, hold_id: str) -> Hold:
        found = self._board.holds.get(hold_id)
        if found is None or found.asset != entry.asset.id or found.expires_at <= self._board.clock():
            raise Problem(404, f"{entry.asset.id} has no hold {hold_id}; it may have run out: take a new one")
        return found

    def _note(self, conn: Connection, action: str, hold: Hold, asked: Asked) -> None:
        audit.record(
            conn,
            asked.principal,
            action=action,
            target=hold.asset,
            origin=asked.origin,
            outcome=audit.DONE,
            detail=hold.reason,
            at=self._board.clock(),
        )
