"""What follows from what is seen, as bookkeeping alone: who holds how much, promises that end or begin, new peaks.

Promises of those that ended are given back, those of assets that somebody else started are made, and the most that an
asset ever held is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mixdesk_control.assets import admission, ledger
from mixdesk_control.assets.asset import HTTP, Asset
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.courses import Courses
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.assets.memory import Memory

PEAK_STEP = 1.02  # a peak is written anew when it has grown by a fiftieth: it is a need, no curve

Kind = tuple[str, Any, float | None]

JobsOf = Callable[[], Mapping[str, Sequence[str]]]
"""{asset id: ids of the jobs that run in it}, as the last reading has it."""


class Books:
    """Keeps the board's figures and the ledger true. Used on the event loop alone."""

    def __init__(self, board: Board, memory: Memory, courses: Courses, jobs_of: JobsOf = dict) -> None:
        self._board = board
        self._memory = memory
        self._courses = courses
        self._jobs_of = jobs_of
        self._kinds: dict[str, Kind] = {}
        self._of_jobs: set[tuple[int, int]] = set()

    async def keep(self) -> None:
        """Everything once. Raises Problem 503 where the disk takes nothing."""
        self._join(self._memory.last())
        async with self._board.deciding:
            await self._write_books()

    def _join(self, cards: Cards) -> None:
        """Who holds how much, as far as it is the run of now."""
        jobs = self._jobs_of()
        for asset_id, entry in self._board.entries.items():
            held = {card.uuid: card.measured[asset_id] for card in cards.cards if asset_id in card.measured}
            if entry.observed.is_alive:
                entry.held, entry.jobs = held, tuple(jobs.get(asset_id, ()))

    async def _write_books(self) -> None:
        kinds = self._kinds | {asset_id: _kind(entry.asset) for asset_id, entry in self._board.entries.items()}
        others = [asset_id for asset_id, kind in kinds.items() if self._kinds.get(asset_id, kind) != kind]
        over, unpromised, peaks = self._ended(), self._unpromised(), self._peaks(others)
        if not (over or unpromised or peaks or others):
            self._kinds = kinds
            return
        now = self._board.clock()

        def work(conn: Connection) -> None:
            for asset, gpus in over:
                ledger.release(conn, asset, gpus)
            ledger.adopt(conn, unpromised, now)
            ledger.forget_peaks(conn, others)
            ledger.note_peaks(conn, peaks, now)

        await self._board.commit(work)
        self._kinds = kinds
        for asset in others:
            self._board.peaks.pop(asset, None)
        self._board.departed = {asset: entry for asset, entry in self._board.departed.items() if not entry.is_over}
        for asset, gpu, mb in peaks:
            self._board.peaks.setdefault(asset, {})[gpu] = mb

    def _ended(self) -> list[tuple[str, list[str]]]:
        """Promises of those that run no more and are not about to: they take nothing any more. A leak is given back
        once so little is held by nobody that it cannot be there still."""
        starting = self._courses.starting()
        found: dict[str, list[str]] = {}
        for row in self._board.reserved:
            entry = self._board.entries.get(row.asset) or self._board.departed.get(row.asset)
            if entry is None or self._is_void(row, entry, starting):
                found.setdefault(row.asset, []).append(row.gpu)
        return list(found.items())

    def _is_void(self, row: ledger.Reserved, entry: Entry, starting: Collection[str]) -> bool:
        if row.leaked:
            return self._came_back(row)
        if row.asset in starting or entry.is_busy:
            return False
        return entry.is_over

    def _came_back(self, row: ledger.Reserved) -> bool:
        card = self._board.cards.find(row.gpu)
        return card is not None and not card.hides and card.orphaned + card.others < row.mb / 2

    def _unpromised(self) -> list[admission.Need]:
        """What those need that run and were promised nothing: somebody else started them."""
        cards = self._board.cards
        assets = [
            entry.asset
            for entry in self._board.entries.values()
            if entry.observed.is_alive and not entry.is_busy and len(entry.reserved) < len(entry.asset.gpus)
        ]
        if not cards.cards:
            return []
        needs = [need for asset in assets for need in self._needs(asset, cards)]
        return [need for need in needs if need.gpu not in self._board.entries[need.asset].reserved]

    def _needs(self, asset: Asset, cards: Cards) -> Sequence[admission.Need]:
        try:
            return self._memory.needs([asset], cards)
        except admission.NoSuchGpu:
            return ()  # a start says so

    def _peaks(self, others: Collection[str]) -> list[tuple[str, str, float]]:
        """More than was ever seen of an asset on a card; `others` are another thing than they were."""
        found = []
        foreign = self._foreign()
        for asset_id, entry in self._board.entries.items():
            if entry.jobs or asset_id in foreign:
                continue
            known = {} if asset_id in others else self._board.peaks.get(asset_id, {})
            found += [(asset_id, gpu, mb) for gpu, mb in entry.held.items() if mb > known.get(gpu, 0.0) * PEAK_STEP]
        return found

    def _foreign(self) -> set[str]:
        """Those in which there is more than their own: a job's memory, or the models that a server has loaded."""
        holders = [holder for card in self._board.cards.cards for holder in card.holders]
        if holders:  # a trainer holds on for a while after its job is over
            self._of_jobs = {item.identity for item in holders if item.job or item.identity in self._of_jobs}
        hosts = {item.asset for item in holders if item.identity in self._of_jobs}
        assets = self._board.registry.assets.values()
        return hosts.union(*(asset.dependencies for asset in assets if asset.driver == HTTP))


def _kind(asset: Asset) -> Kind:
    """What a peak was learned of: under another target or need it says nothing any more."""
    return asset.driver, asset.target, asset.vram_mb
