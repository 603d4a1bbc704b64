"""The promises as rows: all of a closure or nothing, and never more than there is, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, select
from torture import times

from mixdesk_control.assets import ledger
from mixdesk_control.assets.admission import Need, Reserved, Short
from mixdesk_control.assets.gpus import Card, Cards
from mixdesk_control.store import Store, tables

A, B = "GPU-aaaa", "GPU-bbbb"
CARDS = Cards(cards=(Card(0, A, 24_576.0, 24_576.0), Card(1, B, 8_192.0, 8_192.0)))
HEADROOM = 512.0


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same database, as often as wanted: each is a desk of its own."""
    url = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        server.clear()
        url = server.url
    opened: list[Store] = []

    def make() -> Store:
        opened.append(Store.open(url, state_dir=tmp_path))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    return new_store()


def reserve(store: Store, needs: Sequence[Need], cards: Cards = CARDS, **more: Any) -> None:
    store.write_blocking(lambda conn: ledger.reserve(conn, needs, cards, HEADROOM, "op-1", 100.0, **more))


def do(store: Store, work: Callable[..., Any], *arguments: Any) -> Any:
    return store.write_blocking(lambda conn: work(conn, *arguments))


def held(store: Store) -> list[Reserved]:
    return store.read_blocking(ledger.load)


def turns(store: Store, *gpus: str) -> dict[str, int]:
    found = store.read_blocking(ledger.turns)
    return {gpu: found.get(gpu, 0) for gpu in gpus or (A, B)}


def test_all_of_a_closure_or_nothing(store: Store) -> None:
    closure = [Need("bark", A, 4096.0), Need("bark", B, 4096.0), Need("rvc", B, 2048.0)]
    reserve(store, closure)
    assert held(store) == [Reserved("bark", A, 4096.0), Reserved("bark", B, 4096.0), Reserved("rvc", B, 2048.0)]
    before = turns(store)
    with pytest.raises(Short) as error:
        reserve(store, [Need("uvr5", A, 2048.0), Need("uvr5", B, 2048.0)])
    assert [(item.gpu, item.missing) for item in error.value.shortages] == [(B, 512.0)]
    assert len(held(store)) == 3 and turns(store) == before == {A: 1, B: 1}


def test_a_row_says_by_which_operation_and_when(store: Store) -> None:
    reserve(store, [Need("bark", A, 4096.0)])
    row = store.read_blocking(lambda conn: conn.execute(select(tables.reservations)).one())
    assert tuple(row) == ("bark", A, 4096.0, False, "op-1", 100.0)


def test_asked_again_nothing_is_promised_twice(store: Store) -> None:
    reserve(store, [Need("bark", A, 20_000.0)])
    loaded = Cards(cards=(Card(0, A, 24_576.0, 5_000.0, {"bark": 19_000.0}),))
    for cards in (CARDS, loaded):
        reserve(store, [Need("bark", A, 20_000.0)], cards)
        reserve(store, [Need("bark", A, 1.0)], cards)
    assert held(store) == [Reserved("bark", A, 20_000.0)]
    reserve(store, [Need("bark", A, 20_500.0)], loaded)
    assert held(store) == [Reserved("bark", A, 20_500.0)]


def test_what_runs_already_is_adopted_as_it_is(store: Store) -> None:
    reserve(store, [Need("bark", A, 20_000.0)])
    do(store, ledger.adopt, [Need("bark", A, 4096.0), Need("rvc", A, 9000.0), Need("rvc", B, 10.0)], 5.0)
    assert held(store) == [Reserved("bark", A, 20_000.0), Reserved("rvc", A, 9000.0), Reserved("rvc", B, 10.0)]
    with pytest.raises(Short):
        reserve(store, [Need("uvr5", A, 1.0)])


def test_released_on_one_card_or_on_all(store: Store) -> None:
    reserve(store, [Need("bark", A, 1.0), Need("bark", B, 2.0), Need("rvc", B, 3.0)])
    do(store, ledger.release, "bark", [A])
    assert held(store) == [Reserved("bark", B, 2.0), Reserved("rvc", B, 3.0)]
    do(store, ledger.release, "bark")
    do(store, ledger.release, "nobody")
    assert held(store) == [Reserved("rvc", B, 3.0)]
    assert turns(store) == {A: 2, B: 2}


def test_what_did_not_come_back_stays_and_promises_nothing(store: Store) -> None:
    reserve(store, [Need("bark", A, 20_000.0), Need("bark", B, 4096.0)])
    do(store, ledger.leak, "bark", {A: 6000.0, B: 0.0}, 7.0)
    assert held(store) == [Reserved("bark", A, 6000.0, leaked=True)]
    there = Cards(cards=(Card(0, A, 24_576.0, 18_576.0, {"bark": 6000.0}),))
    reserve(store, [Need("rvc", A, 8000.0)], there)
    with pytest.raises(Short):
        reserve(store, [Need("bark", A, 10_065.0)], there)
    reserve(store, [Need("bark", A, 10_064.0)], there)
    assert held(store) == [Reserved("bark", A, 16_064.0), Reserved("rvc", A, 8000.0)]


def test_what_an_asset_that_ended_has_left_is_no_part_of_what_it_needs(store: Store) -> None:
    reserve(store, [Need("bark", A, 4096.0), Need("rvc", A, 2048.0)])
    there = Cards(cards=(Card(0, A, 24_576.0, 4608.0, {"bark": 4000.0, "hubert": 1000.0, "rvc": 2048.0}),))
    with pytest.raises(Short):
        reserve(store, [Need("bark", A, 4097.0)], there, ended=["bark"])
    with pytest.raises(Short):
        reserve(store, [Need("hubert", A, 4097.0)], there, ended=["bark", "hubert"])
    reserve(store, [Need("bark", A, 4096.0)], there, ended=["bark", "hubert"])
    assert held(store) == [Reserved("bark", A, 8096.0), Reserved("rvc", A, 2048.0)]


def test_adopted_over_what_had_leaked(store: Store) -> None:
    do(store, ledger.leak, "bark", {A: 600.0}, 7.0)
    do(store, ledger.adopt, [Need("bark", A, 4096.0)], 8.0)
    assert held(store) == [Reserved("bark", A, 4696.0)]


def test_the_largest_that_was_seen_is_kept(store: Store) -> None:
    do(store, ledger.note_peaks, [("bark", A, 10.0), ("bark", B, 5.0)], 1.0)
    do(store, ledger.note_peaks, [("bark", A, 9.0), ("bark", B, 6.0), ("rvc", B, 0.5)], 2.0)
    do(store, ledger.note_peaks, [], 3.0)
    assert store.read_blocking(ledger.peaks) == {("bark", A): 10.0, ("bark", B): 6.0, ("rvc", B): 0.5}
    stamps = select(tables.asset_peaks.c.at).order_by(tables.asset_peaks.c.asset, tables.asset_peaks.c.gpu)
    assert store.read_blocking(lambda conn: list(conn.execute(stamps).scalars())) == [1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    "change",
    [
        lambda conn: ledger.reserve(conn, [Need("rvc", A, 1.0)], CARDS, HEADROOM, None, 0.0),
        lambda conn: ledger.adopt(conn, [Need("rvc", A, 1.0)], 0.0),
        lambda conn: ledger.leak(conn, "bark", {A: 1.0}, 0.0),
        lambda conn: ledger.leak(conn, "bark", {A: 0.0}, 0.0),
        lambda conn: ledger.release(conn, "bark"),
    ],
    ids=["reserve", "adopt", "leak", "leak of nothing", "release"],
)
def test_a_decision_over_an_older_state_does_not_hold(store: Store, change: Callable[[Connection], None]) -> None:
    assert turns(store) == {A: 0, B: 0}
    reserve(store, [Need("bark", A, 1.0)], seen=turns(store))
    before = turns(store)
    reserve(store, [Need("uvr5", B, 1.0)], seen=before)
    do(store, change)
    with pytest.raises(ledger.Overtaken):
        reserve(store, [Need("hubert", A, 1.0), Need("hubert", B, 1.0)], seen=before | {B: 1})
    assert "hubert" not in {item.asset for item in held(store)}
    reserve(store, [Need("hubert", A, 1.0), Need("hubert", B, 1.0)], seen=turns(store))


# -- many at once ------------------------------------------------------------------------------------


def start(name: str, seen: dict[str, int] | None) -> Callable[[Connection], None]:
    """One start of 4 GiB."""
    needs = [Need(name, A, 4096.0)]
    return lambda conn: ledger.reserve(conn, needs, CARDS, HEADROOM, name, 0.0, seen=seen)


async def started(store: Store, name: str, seen: dict[str, int] | None = None) -> bool:
    """Whether it was admitted; tried again where somebody else was faster."""
    while True:
        try:
            await store.write(start(name, seen))
        except Short:
            return False
        except ledger.Overtaken:
            seen = await store.read(ledger.turns)
        else:
            return True


async def start_many(stores: Sequence[Store], optimistic: bool) -> int:
    """50 starts, spread over these desks; how many were admitted. `optimistic`: by the turns as they were before."""
    seen = await stores[0].read(ledger.turns) if optimistic else None
    tries = [started(stores[number % len(stores)], f"a{number}", seen) for number in range(50)]
    return sum(await asyncio.gather(*tries))


@pytest.mark.parametrize("optimistic", [False, True], ids=["locked", "optimistic"])
def test_fifty_starts_at_once_are_exactly_as_many_as_fit(new_store: Callable[[], Store], optimistic: bool) -> None:
    """5 times 4 GiB and the headroom on 24 GiB. Two desks on a server; a SQLite file has one."""
    stores = [new_store()]
    if stores[0].dialect == "postgresql":
        stores.append(new_store())
    for _ in range(times(20, 1)):
        assert asyncio.run(start_many(stores, optimistic)) == 5
        assert len(held(stores[0])) == 5
        for item in held(stores[0]):
            do(stores[0], ledger.release, item.asset)


def test_a_second_desk_decides_over_what_the_first_has_written(new_store: Callable[[], Store]) -> None:
    """It begins while the first has decided and not committed yet: it waits, and then finds too little."""
    first, second = new_store(), new_store()
    if first.dialect == "sqlite":
        second = first  # the one writer of the file
    decided, go_on = Event(), Event()

    def slow(conn: Connection) -> None:
        ledger.reserve(conn, [Need("bark", A, 20_000.0)], CARDS, HEADROOM, None, 0.0)
        decided.set()
        assert go_on.wait(30)

    outcome: list[object] = []

    def other() -> None:
        try:
            outcome.append(reserve(second, [Need("rvc", A, 20_000.0)]))
        except Short as error:
            outcome.append(error)

    threads = [Thread(target=do, args=(first, slow)), Thread(target=other)]
    threads[0].start()
    assert decided.wait(30)
    threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive() and not outcome
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert isinstance(outcome[0], Short) and [item.asset for item in held(first)] == ["bark"]
