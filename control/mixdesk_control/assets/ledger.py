"""What is promised of the GPUs' memory, as rows: functions on the connection of a transaction. Amounts are MiB.

Each card has a turn, a number that every change of its promises moves on. A reservation moves it on first, and decides
then: it has the card's row locked, so of two desks on one database the second decides over what the first has written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mixdesk_control.assets.admission import Need, Reserved, Short, admitted, settled, shortages
from mixdesk_control.assets.gpus import Cards
from mixdesk_control.store import tables
from mixdesk_control.store.upsert import upsert

__all__ = [
    "Overtaken",
    "Reserved",
    "adopt",
    "forget_peaks",
    "leak",
    "load",
    "note_peaks",
    "peaks",
    "release",
    "reserve",
    "turns",
]

RESERVATIONS = tables.reservations.c
TURNS = tables.gpu_turns.c
PEAKS = tables.asset_peaks.c


class Overtaken(Exception):
    """Somebody changed the promises of a card after they were read: read again, and decide again."""


def load(conn: Connection) -> list[Reserved]:
    """All reservations, by card and asset."""
    query = select(RESERVATIONS.asset, RESERVATIONS.gpu, RESERVATIONS.mb, RESERVATIONS.leaked)
    return [Reserved(*row) for row in conn.execute(query.order_by(RESERVATIONS.gpu, RESERVATIONS.asset))]


def turns(conn: Connection) -> dict[str, int]:
    """The turn of each card that was ever promised of, for `reserve`; that of any other is 0."""
    return {row.gpu: int(row.turn) for row in conn.execute(select(TURNS.gpu, TURNS.turn))}


def reserve(
    conn: Connection,
    needs: Sequence[Need],
    cards: Cards,
    headroom_mb: float,
    operation: str | None,
    at: float,
    *,
    ended: Collection[str] = (),
    seen: Mapping[str, int] | None = None,
) -> None:
    """Promises all of these needs, or none: whatever it raises, the transaction is to be taken back.

    cards  a reading during which, and after which, nobody else reserves: read it inside the cards' lock
    ended  assets that did not run at that reading and are not about to start: what is measured of them is left over
    seen   the turns as they were before that reading, where no lock keeps others (another desk) from reserving
    Raises Short where it does not fit, Overtaken where a turn is no longer the one in `seen`.
    """
    _move_on(conn, {need.gpu for need in needs}, seen)
    reserved = settled(load(conn), ended, cards)
    found = shortages(needs, reserved, cards, headroom_mb)
    if found:
        raise Short(found)
    _save(conn, admitted(needs, reserved, cards), operation, at)


def adopt(conn: Connection, needs: Sequence[Need], at: float) -> None:
    """Promises what assets need that run already, whether it fits or not; one that has its promise keeps that."""
    _move_on(conn, {need.gpu for need in needs})
    before = {(item.asset, item.gpu): item for item in load(conn)}
    made = []
    for need in needs:
        old = before.get((need.asset, need.gpu))
        if old is None or old.leaked:
            # What is left of an earlier run may be in what is measured of this one: it stands on top of the need.
            made.append(Reserved(need.asset, need.gpu, need.mb + (0.0 if old is None else old.mb)))
    _save(conn, made, None, at)


def release(conn: Connection, asset: str, gpus: Collection[str] | None = None) -> None:
    """Ends the promises to an asset on these cards, on all where none are named; what had leaked is forgotten."""
    held = set(conn.execute(select(RESERVATIONS.gpu).where(RESERVATIONS.asset == asset)).scalars())
    ending = held if gpus is None else held.intersection(gpus)
    _move_on(conn, ending)
    conn.execute(delete(tables.reservations).where(RESERVATIONS.asset == asset, RESERVATIONS.gpu.in_(ending)))


def leak(conn: Connection, asset: str, left: Mapping[str, float], at: float) -> None:
    """Says of an asset that has ended what did not come back, by card; where it is 0 the promise ends."""
    release(conn, asset, [gpu for gpu, mb in left.items() if mb <= 0])
    rest = [Reserved(asset, gpu, mb, leaked=True) for gpu, mb in left.items() if mb > 0]
    _move_on(conn, {item.gpu for item in rest})
    _save(conn, rest, None, at)


def peaks(conn: Connection) -> dict[tuple[str, str], float]:
    """The most that was ever seen of an asset on a card, by (asset id, UUID of the card)."""
    return {(row.asset, row.gpu): row.mb for row in conn.execute(select(PEAKS.asset, PEAKS.gpu, PEAKS.mb))}


def note_peaks(conn: Connection, seen: Iterable[tuple[str, str, float]], at: float) -> None:
    """Takes in what is seen, (asset id, UUID, MiB); what was seen of it before stays where that is more."""
    rows = [{"asset": asset, "gpu": gpu, "mb": mb, "at": at} for asset, gpu, mb in seen]
    if rows:
        made = _insert(conn, tables.asset_peaks)
        new = made.excluded
        larger = {"set_": {"mb": new.mb, "at": new.at}, "where": PEAKS.mb < new.mb}
        conn.execute(made.on_conflict_do_update(index_elements=["asset", "gpu"], **larger), rows)


def forget_peaks(conn: Connection, assets: Collection[str]) -> None:
    """Whatever was seen of these."""
    if assets:
        conn.execute(delete(tables.asset_peaks).where(PEAKS.asset.in_(list(assets))))


def _save(conn: Connection, reserved: Iterable[Reserved], operation: str | None, at: float) -> None:
    columns = ("asset", "gpu", "mb", "leaked")
    rows = [{name: getattr(item, name) for name in columns} for item in reserved]
    upsert(conn, tables.reservations, [row | {"operation": operation, "at": at} for row in rows])


def _move_on(conn: Connection, gpus: Iterable[str], seen: Mapping[str, int] | None = None) -> None:
    """In one order everywhere, so that two desks do not wait for one another. Raises Overtaken."""
    for gpu in sorted(gpus):
        made = _insert(conn, tables.gpu_turns).values(gpu=gpu, turn=1)
        same = None if seen is None else TURNS.turn == seen.get(gpu, 0)
        change = made.on_conflict_do_update(index_elements=["gpu"], set_={"turn": TURNS.turn + 1}, where=same)
        if conn.execute(change, execution_options={"preserve_rowcount": True}).rowcount != 1:
            raise Overtaken(gpu)


def _insert(conn: Connection, table: Table) -> Any:
    return (sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert)(table)
