"""A request that was found to be right, on its way to the disk: promises, wishes, operation and audit in one piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection

from mixdesk_control import audit
from mixdesk_control.assets import ledger, plan, rows
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.course import START
from mixdesk_control.assets.courses import KIND, Courses
from mixdesk_control.assets.gpus import Card, Cards
from mixdesk_control.assets.rows import WANT_RUNNING, WANT_STOPPED, Wish
from mixdesk_control.operations import Operation
from mixdesk_control.web import idempotency
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.idempotency import Reply


@dataclass(frozen=True, slots=True)
class Intent:
    """A request that was found to be right: what it asks of which assets.

    again     those of its starts that an older operation is taking down: what they are promised now ends with that
    given_up  assets that an older operation was to start, which this one ends: their promises end, too
    """

    action: str
    target: str
    starts: Sequence[str] = ()
    stops: Sequence[str] = ()
    memory: plan.Memory = plan.NO_MEMORY
    turns: Mapping[str, int] | None = None
    again: Collection[str] = ()
    given_up: Collection[str] = ()
    note: str | None = None

    @property
    def aside(self) -> Sequence[str]:
        """Assets that are stopped though the request does not name them."""
        return [asset for asset in self.stops if asset != self.target]


class Accepting:
    """Writes intents, and lets their operations set out."""

    def __init__(self, board: Board, courses: Courses) -> None:
        self._board = board
        self._courses = courses

    async def accept(self, intent: Intent, asked: Asked) -> Reply:
        """On disk in one transaction, promises and all; then it sets out. Raises Short, Overtaken, Problem 503."""
        async with self._board.deciding:
            return await self._write(intent, asked)

    async def _write(self, intent: Intent, asked: Asked) -> Reply:
        now, target = self._board.clock(), self._board.entries[intent.target]
        operation = self._operation(intent, asked, target.wish.generation + 1)
        wishes = self._wishes(intent, operation.id, now)
        reply = reply_of(202, {"generation": operation.generation, "operation": operation.id})
        going = {*intent.stops, *intent.again}
        ended = self.ended(intent) | going

        def work(conn: Connection) -> None:
            if intent.memory.needs:
                cards = without(intent.memory.cards, going)
                headroom = intent.memory.headroom_mb
                needs, seen = intent.memory.needs, intent.turns
                ledger.reserve(conn, needs, cards, headroom, operation.id, now, ended=ended, seen=seen)
            rows.save_wishes(conn, wishes.items())
            self._board.operations.save(conn, [operation])  # the audit asks how it stands
            self.note(conn, intent.action, intent.target, asked, operation.id, reply)
            for other in intent.aside:
                self._note_aside(conn, intent, other, asked, operation.id)

        await self._board.commit(work, [operation])
        for asset, wish in wishes.items():
            self._board.entries[asset].wish = wish
        self._courses.begin(operation, intent.starts, intent.stops)
        self._board.show([self._board.entries[asset] for asset in wishes])
        return reply

    def _operation(self, intent: Intent, asked: Asked, generation: int) -> Operation:
        params = {"starts": list(intent.starts), "stops": list(intent.stops)}
        operation = self._board.operations.new(
            self._board.operations.new_id(),
            action=intent.action,
            kind=KIND,
            target=intent.target,
            actor=asked.principal.name,
            generation=generation,
            params=params,
        )
        if intent.note is None:
            return operation
        return replace(operation, steps=(*operation.steps, (operation.created_at, intent.note)))

    def _wishes(self, intent: Intent, operation: str, now: float) -> dict[str, Wish]:
        wanted = dict.fromkeys(intent.stops, WANT_STOPPED) | dict.fromkeys(intent.starts, WANT_RUNNING)
        before = {asset: self._board.entries[asset].wish for asset in wanted}
        return {asset: Wish(want, before[asset].generation + 1, operation, now) for asset, want in wanted.items()}

    def _note_aside(self, conn: Connection, intent: Intent, other: str, asked: Asked, operation: str) -> None:
        evicted = intent.action == START
        audit.record(
            conn,
            asked.principal,
            action=f"{KIND}.evict" if evicted else f"{KIND}.stop",
            target=other,
            origin=asked.origin,
            operation=operation,
            detail=f"makes room for {intent.target}" if evicted else f"needs {intent.target}",
            at=self._board.clock(),
        )

    def note(self, conn: Connection, action: str, target: str, asked: Asked, operation: str, reply: Reply) -> None:
        """A line of the audit, and the answer for whoever asks under the same key again."""
        now = self._board.clock()
        audit.record(
            conn,
            asked.principal,
            action=f"{KIND}.{action}",
            target=target,
            origin=asked.origin,
            operation=operation,
            outcome=self._board.operations.outcome(conn, operation) or audit.ACCEPTED,
            at=now,
        )
        idempotency.keep(
            conn, asked.principal, asked.path, asked.key, asked.body, status=202, response=reply.body, now=now
        )

    def ended(self, intent: Intent) -> set[str]:
        """Whose promises do not count when this one is decided."""
        down = {asset for asset in intent.given_up if not self._board.entries[asset].observed.is_alive}
        return self._board.ended() | down | set(intent.again)


def without(cards: Cards, going: Collection[str]) -> Cards:
    """The cards as they will be once these have stopped: that is seen to before anything is loaded."""
    return replace(cards, cards=tuple(_card_without(card, going) for card in cards.cards))


def _card_without(card: Card, going: Collection[str]) -> Card:
    back = sum(card.measured.get(asset, 0.0) for asset in going)
    rest = {asset: mb for asset, mb in card.measured.items() if asset not in going}
    return replace(card, free=card.free + back, measured=rest)


def reply_of(status: int, content: Mapping[str, Any]) -> Reply:
    """An answer."""
    return Reply(status, msgspec.json.encode(content))
