"""GPU memory around an asset's life: what is there now, whether what it held came back, what is promised meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field

from sqlalchemy import Connection

from mixdesk_control.assets import admission, ledger
from mixdesk_control.assets.asset import HTTP, Asset, Process
from mixdesk_control.assets.board import Board
from mixdesk_control.assets.entry import Entry
from mixdesk_control.assets.gpus import UNTOLD, Card, Cards, Holder, Meters
from mixdesk_control.assets.told import with_told

FREED_S = 5.0  # how long after a stop the driver may take to give memory back
LOOK_S = 0.25
BACK = 0.8  # the part that has to come back; contexts and caches of the driver stay a while


@dataclass(frozen=True, slots=True)
class Freed:
    """What a stop gave back, MiB; None where no card was read, or the driver hides what was held.

    leaked   by card, what did not come back in time, or is not known to
    settled  whether that is how it stays: else the driver may need a moment
    """

    mb: float | None = None
    leaked: Mapping[str, float] = field(default_factory=dict)
    settled: bool = True


class Memory:
    """The cards of this host as the board's assets hold them."""

    def __init__(
        self,
        board: Board,
        meters: Meters,
        headroom_mb: float,
        *,
        freed_s: float = FREED_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = board
        self._meters = meters
        self._freed_s = freed_s
        self._monotonic = monotonic
        self.headroom_mb = headroom_mb
        self._loaders: dict[str, asyncio.Lock] = {}
        self._known = Cards()  # the newest with any on it: a reading that fails does not take them away

    # -- reading -------------------------------------------------------------------------------------

    async def read(self) -> Cards:
        """A reading made now."""
        return self._taken(await self._meters.read())

    def last(self) -> Cards:
        """The newest one."""
        return self._taken(self._meters.last())

    def _taken(self, cards: Cards) -> Cards:
        self._board.cards = with_told(cards, self._board.entries.values())
        self._known = cards if cards.cards else self._known
        return self._board.cards

    def needs(self, assets: Iterable[Asset], cards: Cards) -> list[admission.Need]:
        """What these need. Raises admission.NoSuchGpu."""
        return admission.needs(assets, cards, self._board.peaks, self.headroom_mb)

    def loaders(self, asset: Asset) -> list[asyncio.Lock]:
        """The locks of whoever loads on the cards of an asset, in the one order in which they may be taken."""
        if not asset.vram_mb and not self._board.peaks.get(asset.id):
            return []
        found = (self._known.find(gpu) for gpu in asset.gpus)
        return [
            self._loaders.setdefault(uuid, asyncio.Lock()) for uuid in sorted({card.uuid for card in found if card})
        ]

    # -- after a stop --------------------------------------------------------------------------------

    async def before(self, entry: Entry) -> Cards | None:
        """What is held before a stop; None where the asset has to do with no card."""
        cards = await self.read()
        concerned = any(entry.asset.id in card.measured or entry.asset.id in _owners(card) for card in cards.cards)
        return cards if concerned or entry.reserved else None

    async def freed(self, entry: Entry, before: Cards | None, *, was_loaded: bool = True) -> Freed:
        """Waits until the driver says that the memory is back, a few seconds at most."""
        if before is None or not before.cards:
            return Freed()
        deadline = self._monotonic() + self._freed_s
        while True:
            after = await self.read()
            found = _compared(entry, before, after, was_loaded) if after.error is None else _unread(entry, before)
            if found.settled or self._monotonic() >= deadline:
                return found
            await asyncio.sleep(LOOK_S)

    async def settle(self, entry: Entry, freed: Freed, is_wanted: Callable[[str], bool]) -> None:
        """The promise ends, and what did not come back stays; one that a newer request has made stays as it is."""
        asset_id, now = entry.asset.id, self._board.clock()

        def work(conn: Connection) -> None:
            ledger.release(conn, asset_id, promised)
            if freed.leaked:
                ledger.leak(conn, asset_id, freed.leaked, now)

        async with self._board.deciding:
            promised = list(entry.reserved)
            if (promised or freed.leaked) and not is_wanted(asset_id):
                await self._board.commit(work)


def _owners(card: Card) -> set[str]:
    return {holder.asset for holder in card.holders}


def _unread(entry: Entry, before: Cards) -> Freed:
    """What was held may be held still, for all that is known."""
    held = {card.uuid: card.measured.get(entry.asset.id, 0.0) for card in before.cards}
    return Freed(None, {uuid: round(mb, 1) for uuid, mb in held.items() if mb > 0}, settled=False)


def _compared(entry: Entry, before: Cards, after: Cards, was_loaded: bool) -> Freed:
    total, leaked, hidden, gone = 0.0, {}, False, True
    for old in before.cards:
        new = after.find(old.uuid)
        if new is None:
            continue
        is_model = entry.asset.driver == HTTP
        held, left = _of_server(entry, old, new, was_loaded) if is_model else _of_processes(entry, old, new)
        total += max(held - left, 0.0)
        if left > held * (1.0 - BACK):
            leaked[old.uuid] = round(left, 1)
        secret = {one.identity for one in old.holders if one.asset == entry.asset.id and one.memory is None}
        hidden = hidden or bool(secret)
        gone = gone and not _still(secret, new)
    return Freed(None if hidden else round(total, 1), leaked, settled=not leaked and gone)


def _of_processes(entry: Entry, old: Card, new: Card) -> tuple[float, float]:
    """What was held, and what of it is still gone: with processes that live on, or with nobody.

    Who was there before counts, not who is the asset's now: a process that got away is no longer known as its.
    """
    mine = {holder.identity for holder in old.holders if holder.asset == entry.asset.id}
    held = old.measured.get(entry.asset.id, 0.0)
    kept = sum(holder.memory or 0.0 for holder in _still(mine, new))
    nobodys = max(new.orphaned - old.orphaned, 0.0)
    return held, min(kept + nobodys, held)


def _still(mine: Set[Process], new: Card) -> list[Holder]:
    """Those of these that the driver shows: it names the dead a moment longer, whose start nobody can tell any more."""
    dead = {(pid, UNTOLD) for pid, _ in mine}
    return [holder for holder in new.holders if holder.identity in mine or holder.identity in dead]


def _of_server(entry: Entry, old: Card, new: Card, was_loaded: bool) -> tuple[float, float]:
    """The same of a model inside a server that lives on: by what became free meanwhile.

    Where nobody tells how much it is, one that was loaded is taken to hold what it was promised.
    """
    promised = entry.reserved.get(old.uuid, 0.0) if was_loaded else 0.0
    held = old.measured.get(entry.asset.id, promised)
    return held, max(held - max(new.free - old.free, 0.0), 0.0)
