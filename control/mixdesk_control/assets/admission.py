"""Whether what assets need fits into the GPU memory that is left. Pure; amounts are MiB.

On each card, what is newly promised may not be more than

    free - promised - headroom,    promised = sum over reservations of max(0, reserved - measured)

`free` lacks already what anybody has taken, `promised` is what admitted assets may still take. Why that never promises
one MiB twice: what is measured of an asset is never more than it has truly taken (what cannot be told counts as 0), so
its remainder is never put too low. An asset that takes what it was promised moves memory from promised to taken, and
`free - promised` stays as it is; memory that is freed raises it. Only who takes memory without a promise lowers it.

A leaked reservation promises nothing. Its asset has ended and takes no more; what it left behind is missing from
`free` for as long as it is there, and must not be subtracted a second time, least of all after it has come back. It
matters when that asset starts again: what is measured of it at that moment is the rest of the run before and no part
of the new need. So all of the need is new, and the new reservation is that rest and the need together. The same holds
for every asset that has ended, promised or not: see `settled`.

What the caller sees to: free memory, measured use, reservations and which assets have ended belong to one moment,
nobody reserves between the reading and the decision; and what a run that has ended left behind and is not measured as
the asset's by then is never measured as the asset's later.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mixdesk_control.assets.asset import Asset
from mixdesk_control.assets.gpus import SILENT, Card, Cards

Peaks = Mapping[str, Mapping[str, float]]
"""The most that was seen of an asset on a card, by asset id and the card's UUID."""


OUTSIDE_MB = 1024.0
"""Up to this, what no asset holds is taken to be there always: the driver's own, a desktop."""


class NoSuchGpu(Exception):
    """An asset wants a GPU that this host has not, or that cannot be read; one line, with what to do."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one asset needs of one card; `gpu` is the card's UUID."""

    asset: str
    gpu: str
    mb: float


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is promised to one asset of one card; `leaked`: it has ended, and this much did not come back."""

    asset: str
    gpu: str
    mb: float
    leaked: bool = False

    def remainder(self, measured: float) -> float:
        """What it may still take."""
        return 0.0 if self.leaked else max(0.0, self.mb - measured)


@dataclass(frozen=True, slots=True)
class Holding:
    """An asset that has memory of a card, or the promise of it. `measured` is None where it cannot be told."""

    asset: str
    measured: float | None
    reserved: float
    leaked: bool = False

    @property
    def gain(self) -> float:
        """What its stop leaves to others: what it has and may still take. One that has ended leaves nothing."""
        return 0.0 if self.leaked else max(self.measured or 0.0, self.reserved)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A card on which the needs do not fit.

    gpu, index  UUID and index of the card
    free        as the driver says
    promised    what admitted assets may still take of that
    needed      what would be promised beside it
    missing     by how much it is too little: needed - (free - promised - headroom)
    holders     assets with memory there, the largest first
    others      what processes hold that belong to no asset
    """

    gpu: str
    index: int
    free: float
    promised: float
    headroom: float
    needed: float
    missing: float
    holders: tuple[Holding, ...] = ()
    others: float = 0.0

    def __str__(self) -> str:
        left = max(0.0, self.free - self.promised - self.headroom)
        parts = f"{self.free:.0f} free, {self.promised:.0f} of it promised, {self.headroom:.0f} kept as headroom"
        return f"gpu {self.index}: {self.needed:.0f} MiB are needed and {left:.0f} MiB are left ({parts})"


class Short(Exception):
    """What is needed does not fit; `shortages` has a line for each card where it does not."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("; ".join(map(str, shortages)))
        self.shortages = tuple(shortages)


def needs(closure: Iterable[Asset], cards: Cards, peaks: Peaks, headroom_mb: float = 0.0) -> list[Need]:
    """What these need of each card: as declared, or as seen where that is more, yet no more than the card can give.

    Raises NoSuchGpu. Where no card can be read at all, or not the one that it names, an asset that declares no memory
    needs none.
    """
    found: dict[tuple[str, str], Need] = {}
    for asset in closure:
        for name in asset.gpus:
            if not asset.vram_mb and (not cards.cards or name in cards.silent):
                continue
            card = _card(asset.id, name, cards)
            seen = min(peaks.get(asset.id, {}).get(card.uuid, 0.0), _most(card, headroom_mb))
            mb = max(asset.vram_mb or 0.0, seen)
            if mb > 0:
                found[asset.id, card.uuid] = Need(asset.id, card.uuid, mb)
    return list(found.values())


def _most(card: Card, headroom_mb: float) -> float:
    """What the card can give while no asset runs, in whole MiB: one that took all there was must fit there again."""
    return float(math.floor(card.total - headroom_mb - min(card.outside, OUTSIDE_MB)))


def _card(asset: str, name: int | str, cards: Cards) -> Card:
    card = cards.find(name)
    if card is None:
        if name in cards.silent:
            msg = f"{asset}: gpu {name}: {SILENT}, so nothing is promised there"
            raise NoSuchGpu(msg)
        here = ", ".join(f"{card.index} ({card.uuid})" for card in cards.cards)
        wrong = f"there are {here}: correct `gpus` in the registry" if here else cards.error
        msg = f"{asset}: gpu {name} is not here: {wrong or 'no GPU can be read on this host'}"
        raise NoSuchGpu(msg)
    return card


def settled(reserved: Iterable[Reserved], ended: Collection[str], cards: Cards) -> list[Reserved]:
    """With what is measured of assets that have ended as leaked, instead of what they were promised.

    One that is promised memory and about to start has not ended.
    """
    rest = [
        Reserved(asset, card.uuid, mb, leaked=True)
        for card in cards.cards
        for asset, mb in card.measured.items()
        if asset in ended and mb > 0
    ]
    return [item for item in reserved if item.leaked or item.asset not in ended] + rest


def admitted(needs: Iterable[Need], reserved: Iterable[Reserved], cards: Cards) -> list[Reserved]:
    """The reservations of these needs as they are once they are admitted; an older one never becomes smaller."""
    before = {(item.asset, item.gpu): item for item in reserved}
    found: dict[tuple[str, str], Reserved] = {}
    for need in needs:
        key = need.asset, need.gpu
        mb, old = need.mb, before.get(key)
        if old is not None:
            mb = need.mb + _measured(need, cards) if old.leaked else max(need.mb, old.mb)
        found[key] = Reserved(need.asset, need.gpu, max(mb, found[key].mb) if key in found else mb)
    return list(found.values())


def _measured(need: Need, cards: Cards) -> float:
    return _card(need.asset, need.gpu, cards).measured.get(need.asset, 0.0)


def shortages(needs: Iterable[Need], reserved: Sequence[Reserved], cards: Cards, headroom_mb: float) -> list[Shortage]:
    """Where the needs do not fit; empty where they do. A card of which nothing new is needed is never short."""
    after = admitted(needs, reserved, cards)
    found = (_shortage(card, after, reserved, headroom_mb) for card in cards.cards)
    return [shortage for shortage in found if shortage is not None]


def _shortage(
    card: Card, after: Sequence[Reserved], reserved: Sequence[Reserved], headroom_mb: float
) -> Shortage | None:
    mine = [item for item in reserved if item.gpu == card.uuid]
    before = {item.asset: _remainder(item, card) for item in mine}
    promised = sum(before.values())
    needed = sum(_remainder(item, card) - before.get(item.asset, 0.0) for item in after if item.gpu == card.uuid)
    missing = needed - (card.free - promised - headroom_mb)
    if needed <= 0 or missing <= 0:
        return None
    return Shortage(
        card.uuid, card.index, card.free, promised, headroom_mb, needed, missing, holders(card, mine), card.others
    )


def _remainder(item: Reserved, card: Card) -> float:
    return item.remainder(card.measured.get(item.asset, 0.0))


def holders(card: Card, reserved: Iterable[Reserved]) -> tuple[Holding, ...]:
    """Who has memory of a card or the promise of it, the largest first."""
    rows = {item.asset: item for item in reserved if item.gpu == card.uuid}
    nothing = Reserved("", card.uuid, 0.0)
    found = [
        Holding(asset, card.measured.get(asset), rows.get(asset, nothing).mb, rows.get(asset, nothing).leaked)
        for asset in rows.keys() | card.measured.keys()
    ]
    return tuple(sorted(found, key=lambda item: (-max(item.measured or 0.0, item.reserved), item.asset)))
