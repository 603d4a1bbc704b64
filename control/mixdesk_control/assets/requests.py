"""What people ask of assets: decided one request at a time, on disk before it is answered, done by a course."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from mixdesk_control.assets import graph, ledger, plan
from mixdesk_control.assets.accepting import Accepting, Intent, reply_of, without
from mixdesk_control.assets.admission import NoSuchGpu, Short, Shortage, settled, shortages
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.course import START, STOP
from mixdesk_control.assets.courses import Courses
from mixdesk_control.assets.entry import Entry, is_up
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.assets.memory import Memory
from mixdesk_control.assets.refusals import Refusals
from mixdesk_control.assets.registry import Registry
from mixdesk_control.assets.reloading import take_registry
from mixdesk_control.assets.rows import WANT_RUNNING, WANT_STOPPED
from mixdesk_control.operations.operation import SUCCEEDED
from mixdesk_control.web import idempotency
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.idempotency import Reply
from mixdesk_control.web.problems import Problem

TRIES = 20  # how often a decision is made anew because promises changed while the cards were read


@dataclass(frozen=True, slots=True)
class Reading:
    """The cards at one moment, and the turns of their promises just before."""

    turns: Mapping[str, int]
    cards: Cards


class Requests:
    """Takes what people ask. `turn` is held by whoever decides something: one at a time."""

    def __init__(self, board: Board, memory: Memory, courses: Courses) -> None:
        self._board = board
        self._memory = memory
        self._courses = courses
        self._refusals = Refusals(board)
        self._accepting = Accepting(board, courses)
        self.turn = asyncio.Lock()

    def entry(self, asset_id: str) -> Entry:
        """One asset of the registry. Raises Problem 404."""
        entry = self._board.entries.get(asset_id)
        if entry is None:
            raise Problem(404, f"there is no asset {asset_id!r}; the registry has {_some(self._board.entries)}")
        return entry

    # -- start ---------------------------------------------------------------------------------------

    async def start(self, asset_id: str, asked: Asked, *, dry_run: bool = False, evict: bool = False) -> Reply:
        """202 and the operation that brings it up with all that it needs; or, thought through only, 200 and the plan.

        Raises Problem 404, 409 with what would help, or 503.
        """
        reading: Reading | None = None
        for _ in range(TRIES):
            async with self.turn:
                reply = await self._decide(asset_id, asked, reading, dry_run=dry_run, evict=evict)
            if reply is not None:
                return reply
            reading = await self._read()  # not in turn: a GPU driver that hangs holds up nobody who asks for none
        raise Problem(503, "promises of GPU memory change all the time: ask again", headers={"Retry-After": "1"})

    async def _decide(
        self, asset_id: str, asked: Asked, reading: Reading | None, *, dry_run: bool, evict: bool
    ) -> Reply | None:
        """None where the cards have to be read, or promises have changed since they were."""
        entry, starts = self.entry(asset_id), graph.closure(self._board.registry.assets, asset_id)
        earlier = None if dry_run else await self._earlier(asked) or await self._same(self._same_start(entry, starts))
        if earlier is not None:
            return await self._again(earlier, START, entry, asked)
        if reading is None and self._needs_memory(starts):
            return None
        try:
            intent = self._intent(asset_id, starts, reading, evict)
        except Problem as problem:
            raise problem if dry_run else self._refusals.noted(START, asset_id, asked, problem.detail) from problem
        if dry_run:
            shown = plan.shown_start(self._board.entries, asset_id, starts, intent.memory, intent.stops)
            return reply_of(200, shown)
        self._check_short(intent, asked, evict)
        try:
            return await self._accepting.accept(intent, asked)
        except Short as error:
            self._check_short(self._with_advice(intent, error.shortages, evict), asked, evict)
        except ledger.Overtaken:
            pass
        return None

    def _needs_memory(self, starts: Sequence[str]) -> bool:
        assets = self._board.registry.assets
        return any(assets[asset].vram_mb or self._board.peaks.get(asset) for asset in starts)

    async def _read(self) -> Reading:
        """The turns first: whoever reserves after that is noticed."""
        turns = await self._board.store.read(ledger.turns)
        return Reading(turns, await self._memory.read())

    def _same_start(self, entry: Entry, starts: Sequence[str]) -> str | None:
        """The operation that this very request has made already, and that still stands."""
        if entry.wish.desired != WANT_RUNNING or entry.wish.operation is None:
            return None
        course = self._courses.find(entry.wish.operation)
        if course is not None:
            return entry.wish.operation if course.is_open and course.target == entry.asset.id else None
        up = all(is_up(self._board.entries[asset]) for asset in starts)
        return entry.wish.operation if up else None

    def _intent(self, asset_id: str, starts: Sequence[str], reading: Reading | None, evict: bool) -> Intent:
        """What a start comes to: the memory that it needs, and who would have to go. Raises Problem 409."""
        bare = Intent(START, asset_id, starts)
        if reading is None:
            return bare
        cards = reading.cards
        if cards.error is not None:
            raise Problem(409, f"GPU memory cannot be read now, so nothing is promised: {cards.error}")
        if not cards.cards:
            return replace(bare, note="no GPU is read on this host: no memory was promised")
        try:
            needs = self._memory.needs([self._board.registry.assets[asset] for asset in starts], cards)
        except NoSuchGpu as error:
            raise Problem(409, str(error)) from error
        memory = plan.Memory(needs, (), (), cards, self._memory.headroom_mb)
        again, given_up = self._courses.ending().intersection(starts), self._courses.given_up(starts)
        intent = replace(bare, memory=memory, turns=reading.turns, again=again, given_up=given_up)
        cards = without(cards, again)
        reserved = settled(self._board.reserved, self._accepting.ended(intent), cards)
        short = shortages(needs, reserved, cards, self._memory.headroom_mb)
        return self._with_advice(intent, short, evict) if short else intent

    def _with_advice(self, intent: Intent, short: Sequence[Shortage], evict: bool) -> Intent:
        """With whom to stop: anybody as advice; with `evict` those who may be, and who are then stopped."""
        entries, assets, starting = self._board.entries, self._board.registry.assets, self._courses.starting()
        allowed = (
            {asset for asset, entry in entries.items() if self._refusals.may_go(entry, starting)} if evict else None
        )
        advice = plan.advice(short, entries, assets, intent.starts, starting, allowed)
        memory = replace(intent.memory, shortages=tuple(short), advice=advice)
        stops = plan.stop_order(assets, advice or ()) if evict else ()
        return replace(intent, memory=memory, stops=stops)

    def _check_short(self, intent: Intent, asked: Asked, evict: bool) -> None:
        if not intent.memory.fits and not (evict and intent.stops):
            raise self._refusals.short(intent.target, intent.memory, asked, evict=evict)

    # -- stop ----------------------------------------------------------------------------------------

    async def stop(
        self, asset_id: str, asked: Asked, *, cascade: bool = False, force: bool = False, dry_run: bool = False
    ) -> Reply:
        """202 and the operation that takes it down; or, thought through only, 200 and the plan.

        Raises Problem 404, 409 naming dependents that run, jobs and holds, or 503.
        """
        async with self.turn:
            entry, assets = self.entry(asset_id), self._board.registry.assets
            along = plan.running_with(self._board.entries, assets, asset_id, self._courses.starting())
            stops = (*along, asset_id)
            if dry_run:
                return reply_of(200, plan.shown_stop(self._board.entries, asset_id, stops))
            earlier = await self._earlier(asked) or await self._same(self._same_stop(entry, stops))
            if earlier is not None:
                return await self._again(earlier, STOP, entry, asked)
            if along and not cascade:
                raise self._refusals.needed(asset_id, along, asked)
            if not force and (used := self._refusals.used(asset_id, stops, asked)) is not None:
                raise used
            return await self._accepting.accept(Intent(STOP, asset_id, (), stops), asked)

    def _same_stop(self, entry: Entry, stops: Sequence[str]) -> str | None:
        if entry.wish.desired != WANT_STOPPED or entry.wish.operation is None:
            return None
        course = self._courses.find(entry.wish.operation)
        if course is not None:
            same = course.is_open and course.target == entry.asset.id and set(stops) <= set(course.stops)
            return entry.wish.operation if same and course.action == STOP else None
        known = entry.observed.doing in ("stopped", "absent")
        return entry.wish.operation if known and len(stops) == 1 else None

    async def stop_for_desk(self, asked: Asked, wanted: Collection[str]) -> list[str]:
        """The desk ends and takes with it what would otherwise be nobody's. Returns the operations."""
        async with self.turn:
            order = plan.stop_order(self._board.registry.assets, wanted)
            if not order:
                return []
            reply = await self._accepting.accept(Intent(STOP, order[-1], (), order), asked)
            return [str(msgspec.json.decode(reply.body)["operation"])]

    async def take_registry(self, registry: Registry, asked: Asked) -> dict[str, list[str]]:
        """Another registry holds from now on. Returns what it brought; what was removed may run on."""
        async with self.turn:
            return await take_registry(self._board, registry, asked)

    # -- what both share -----------------------------------------------------------------------------

    async def _earlier(self, asked: Asked) -> Reply | None:
        if asked.key is None:
            return None
        now = self._board.clock()
        return await self._board.store.read(
            lambda conn: idempotency.find(conn, asked.principal, asked.path, asked.key, asked.body, now=now)
        )

    async def _same(self, operation: str | None) -> str | None:
        """That operation, if it is on its way or has done what it was made for."""
        if operation is None or self._courses.find(operation) is not None:
            return operation
        outcome = await self._board.store.read(lambda conn: self._board.operations.outcome(conn, operation))
        return operation if outcome == SUCCEEDED else None

    async def _again(self, earlier: Reply | str, action: str, entry: Entry, asked: Asked) -> Reply:
        """The same request once more: the same answer, and a line in the audit."""
        if isinstance(earlier, Reply):
            return earlier
        reply = reply_of(202, {"generation": entry.wish.generation, "operation": earlier})
        await self._board.commit(lambda conn: self._accepting.note(conn, action, entry.asset.id, asked, earlier, reply))
        return reply


def _some(entries: Mapping[str, Entry], most: int = 10) -> str:
    known = sorted(entries)
    if not known:
        return "none: name some in mixdesk.toml, or begin with `mixdesk assets init`"
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more
