"""The assets in memory, and how their changes are shown. What is asked is on disk before it is; the rest is seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from mixdesk_control.assets import ledger, rows
from mixdesk_control.assets.document import document
from mixdesk_control.assets.drivers.driver import Driver
from mixdesk_control.assets.entry import Entry, verdict
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.assets.registry import Registry, is_same_thing
from mixdesk_control.assets.rows import Hold, Wish
from mixdesk_control.operations import Operation, OperationService
from mixdesk_control.store import Store, StoreError
from mixdesk_control.store.revisions import Revisions
from mixdesk_control.web.feed import Feed
from mixdesk_control.web.problems import Problem

Work = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What a reader of the stream gets: an asset's JSON, or None where it has left the registry."""

    id: str
    document: bytes | None


class Board:
    """Entries by id. Used on the event loop alone.

    departed  assets that have left the registry and run on: what they are promised is theirs until they end
    deciding  held from the look at wishes and promises until what follows from it is on disk: one at a time
    """

    def __init__(
        self,
        store: Store,
        operations: OperationService,
        drivers: Mapping[str, Driver],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.operations = operations
        self.drivers = drivers
        self.clock = clock
        self.registry = Registry({})
        self.entries: dict[str, Entry] = {}
        self.departed: dict[str, Entry] = {}
        self.cards = Cards()
        self.peaks: dict[str, dict[str, float]] = {}
        self.holds: dict[str, Hold] = {}
        self.revisions = Revisions(store, "assets")
        self.floor = self.revisions.current
        self.reserved: list[ledger.Reserved] = []
        self.feed: Feed[Change] = Feed()
        self.deciding = asyncio.Lock()
        self._wishes: dict[str, Wish] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._gone: dict[str, int] = {}

    # -- what is on disk -----------------------------------------------------------------------------

    async def load(self) -> None:
        """Takes what was asked, promised, seen and held before into memory."""
        now = self.clock()

        def work(conn: Connection) -> tuple[Any, ...]:
            return rows.load_wishes(conn), rows.load_holds(conn, now), ledger.peaks(conn), ledger.load(conn)

        self._wishes, holds, peaks, reserved = await self.store.read(work)
        self.holds = {hold.id: hold for hold in holds}
        for (asset, gpu), mb in peaks.items():
            self.peaks.setdefault(asset, {})[gpu] = mb
        for entry in self.entries.values():
            entry.wish = self._wishes.get(entry.asset.id, Wish())
        self.take_reserved(reserved)

    async def commit(self, work: Work, operations: Iterable[Operation] = ()) -> None:
        """One transaction, with these operations; then they are announced. Raises Problem 503 where that is refused."""
        made = list(operations)

        def whole(conn: Connection) -> list[ledger.Reserved]:
            work(conn)
            self.operations.save(conn, made)
            return ledger.load(conn)

        try:
            reserved = await self.store.write(whole)
        except StoreError as error:
            raise Problem(503, f"nothing was changed: {error}", headers={"Retry-After": "2"}) from error
        self.take_reserved(reserved)
        self.operations.announce(made)

    def take_reserved(self, reserved: list[ledger.Reserved]) -> None:
        """The promises as they stand in the database."""
        self.reserved = reserved
        promised: dict[str, dict[str, float]] = {}
        leaked: dict[str, dict[str, float]] = {}
        for row in reserved:
            (leaked if row.leaked else promised).setdefault(row.asset, {})[row.gpu] = row.mb
        for asset_id, entry in self.entries.items():
            entry.reserved, entry.leaked = promised.get(asset_id, {}), leaked.get(asset_id, {})

    # -- the registry --------------------------------------------------------------------------------

    def put(self, registry: Registry) -> None:
        """Another registry; of an asset that stays, what is asked and seen stays too."""
        before, self.registry = self.entries, registry
        self.entries = {asset_id: self._entry(asset_id, before) for asset_id in registry.assets}
        for asset_id in before.keys() - self.entries.keys():
            self._wishes[asset_id] = before[asset_id].wish  # it may come back
            if not before[asset_id].is_over:
                self.departed[asset_id] = before[asset_id]
            self._leave(asset_id)
        for asset_id in registry.assets:
            self.departed.pop(asset_id, None)
        self.take_reserved(self.reserved)

    def _entry(self, asset_id: str, before: Mapping[str, Entry]) -> Entry:
        found, asset = before.get(asset_id), self.registry.assets[asset_id]
        if found is None:
            return Entry(asset, self._wishes.get(asset_id, Wish()))
        if not is_same_thing(found.asset, asset):
            return Entry(asset, found.wish, course=found.course, awaited=found.awaited)
        found.asset = asset
        return found

    def of(self, driver: str) -> list[Entry]:
        """All assets of a driver, those that have left the registry and run on too."""
        return [entry for entry in (*self.entries.values(), *self.departed.values()) if entry.asset.driver == driver]

    def ended(self) -> set[str]:
        """Assets that do not run and are not about to: what their processes are said to hold is left over."""
        entries = self.entries.items()
        return {asset for asset, entry in entries if not entry.is_busy and entry.is_over}

    def _leave(self, asset_id: str) -> None:
        revision = self._gone[asset_id] = self.revisions.next()
        self._shown.pop(asset_id, None)
        self.feed.publish(asset_id, revision, Change(asset_id, None), urgent=True)

    # -- showing -------------------------------------------------------------------------------------

    def holds_of(self, asset_id: str) -> list[Hold]:
        """Who holds it now, the longest first."""
        now = self.clock()
        found = [hold for hold in self.holds.values() if hold.asset == asset_id and hold.expires_at > now]
        return sorted(found, key=lambda hold: -hold.expires_at)

    def shown(self, entry: Entry) -> dict[str, Any]:
        """The JSON of an asset, as it is now."""
        return self._document(entry, self.clock())

    def _document(self, entry: Entry, now: float) -> dict[str, Any]:
        asset_id = entry.asset.id
        peaks = self.peaks.get(asset_id, {})
        return document(entry, cards=self.cards, peaks=peaks, holds=self.holds_of(asset_id), now=now)

    def show(self, entries: Iterable[Entry] | None = None) -> None:
        """Tells readers of each of these that is no longer as it was told; of all where none are named."""
        for entry in list(self.entries.values() if entries is None else entries):
            if self.entries.get(entry.asset.id) is entry:
                self._show(entry)

    def _show(self, entry: Entry) -> None:
        status, asset_id = verdict(entry).status, entry.asset.id
        moved, entry.status = status != entry.status, status
        entry.transitions += moved
        found = self._document(entry, 0.0)  # an uptime that grows is no change
        if self._shown.get(asset_id) == found:
            return
        entry.revision = found["revision"] = self.revisions.next()
        self._shown[asset_id] = found
        whole = msgspec.json.encode(self._document(entry, self.clock()))
        self.feed.publish(asset_id, entry.revision, Change(asset_id, whole), urgent=moved)

    async def frames(self, after: int | None) -> AsyncIterator[bytes]:
        """`{"revision", "asset"}`, `{"revision", "deleted"}`: all, or what changed after a revision; then each change.

        Revisions before this desk began are not known to it: then all are told, `"reset": true` in the first frame.
        """
        reset = after is not None and not self.floor <= after <= self.revisions.current
        with self.feed.reading(lambda _: True) as reader:
            mark = b',"reset":true' if reset else b""
            for revision, change in self._known(None if reset else after):
                yield _frame(revision, change, mark)
                mark = b""
            if mark:  # the registry is empty, and whoever reads may not know
                yield b'{"revision":%d,"reset":true}' % self.revisions.current
            async for batch in reader.batches():
                for revision, change in batch:
                    yield _frame(revision, change)

    def _known(self, after: int | None) -> Iterator[tuple[int, Change]]:
        floor = -1 if after is None else after
        found = [
            (entry.revision, Change(entry.asset.id, msgspec.json.encode(self.shown(entry))))
            for entry in self.entries.values()
            if entry.revision > floor
        ]
        if after is not None:
            found += [
                (at, Change(gone, None)) for gone, at in self._gone.items() if at > floor and gone not in self.entries
            ]
        return iter(sorted(found, key=lambda item: item[0]))


def _frame(revision: int, change: Change, mark: bytes = b"") -> bytes:
    what = b'"deleted":' + msgspec.json.encode(change.id) if change.document is None else b'"asset":' + change.document
    return b'{"revision":%d%s,%s}' % (revision, mark, what)
