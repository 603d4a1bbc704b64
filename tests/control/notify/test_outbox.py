"""The outbox: what is put in twice is there once, and what one desk is at no other takes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import quick_store
from postgres import Server
from sqlalchemy import select

from mixdesk_control.notify import outbox, switched
from mixdesk_control.notify.event import Event
from mixdesk_control.store import Store, tables

NOW = 1_790_000_000.0


def event(key: str, kind: str = "job.failed") -> Event:
    return Event(key=key, event=kind, at=NOW)


@pytest.fixture
def store() -> Iterator[Store]:
    with quick_store.quick_folder() as folder:
        made = quick_store.opened(folder)
        yield made
        made.close()


def keys(store: Store) -> list[str]:
    return list(store.read_blocking(lambda conn: conn.execute(select(tables.notices.c.key)).scalars().all()))


def test_what_is_told_twice_is_there_once(store: Store) -> None:
    for _ in range(3):
        store.write_blocking(lambda conn: outbox.add(conn, [event("a"), event("b"), event("a")], NOW))
    assert sorted(keys(store)) == ["a", "b"]


def test_one_that_is_taken_is_free_again_when_its_time_is_up(store: Store) -> None:
    store.write_blocking(lambda conn: outbox.add(conn, [event("a")], NOW))
    first = store.write_blocking(lambda conn: outbox.claim(conn, NOW, NOW + 30))
    assert first is not None and first.tries == 1
    assert store.write_blocking(lambda conn: outbox.claim(conn, NOW + 29, NOW + 60)) is None
    assert store.read_blocking(outbox.next_due) == NOW + 30
    again = store.write_blocking(lambda conn: outbox.claim(conn, NOW + 31, NOW + 60))
    assert again is not None and (again.id, again.tries) == (first.id, 2)
    store.write_blocking(lambda conn: outbox.release(conn, again))
    third = store.write_blocking(lambda conn: outbox.claim(conn, NOW + 31, NOW + 60))
    assert third is not None and third.tries == 2, "a try that was broken off does not count"
    store.write_blocking(lambda conn: outbox.postpone(conn, third, NOW + 100, "no"))
    assert store.write_blocking(lambda conn: outbox.claim(conn, NOW + 99, NOW + 120)) is None
    assert store.read_blocking(outbox.next_due) == NOW + 100
    assert store.read_blocking(outbox.standing).trouble == "no"
    last = store.write_blocking(lambda conn: outbox.claim(conn, NOW + 100, NOW + 130))
    assert last is not None
    store.write_blocking(lambda conn: outbox.end(conn, last, NOW + 101, outbox.SENT))
    assert store.read_blocking(outbox.next_due) is None
    stands = store.read_blocking(outbox.standing)
    assert (stands.outcome, stands.at, stands.waiting, stands.trouble) == ("sent", NOW + 101, 0, None)


def test_what_is_over_can_come_again(store: Store) -> None:
    for _ in range(2):
        store.write_blocking(lambda conn: outbox.add(conn, [event("disk")], NOW))
        store.write_blocking(lambda conn: outbox.reopen(conn, "disk"))
        store.write_blocking(lambda conn: outbox.reopen(conn, "disk"))
    assert sorted(keys(store)) == ["disk:1", "disk:2"]


def test_a_kind_of_event_counts_from_when_it_was_first_switched_on(store: Store) -> None:
    assert store.write_blocking(lambda conn: switched.since(conn, ["job.lost"], NOW)) == {"job.lost": NOW}
    later = store.write_blocking(lambda conn: switched.since(conn, ["job.lost", "disk.low"], NOW + 9))
    assert later == {"job.lost": NOW, "disk.low": NOW + 9}


def test_old_ones_leave_and_waiting_ones_stay(store: Store) -> None:
    store.write_blocking(lambda conn: outbox.add(conn, [event("a"), event("b")], NOW))
    first = store.write_blocking(lambda conn: outbox.claim(conn, NOW, NOW + 30))
    assert first is not None
    store.write_blocking(lambda conn: outbox.end(conn, first, NOW, outbox.SENT))
    store.write_blocking(lambda conn: outbox.prune(conn, NOW + outbox.KEPT_S + 1))
    assert keys(store) == ["b"]


def test_of_several_desks_on_one_database_one_tells_it(postgres_server: Server, tmp_path: Path) -> None:
    postgres_server.clear()
    desks = [Store.open(postgres_server.url, state_dir=tmp_path) for _ in range(3)]
    taken: Counter[int] = Counter()

    def tell(store: Store) -> None:
        for _ in range(2):  # each of them has noticed everything
            store.write_blocking(lambda conn: outbox.add(conn, [event(f"k{number}") for number in range(60)], NOW))
        misses = 0
        while misses < 20:
            notice = store.write_blocking(lambda conn: outbox.claim(conn, NOW, NOW + 30))
            if notice is None:
                misses += 1
            else:
                taken[notice.id] += 1

    try:
        threads = [threading.Thread(target=tell, args=(store,)) for store in desks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(taken) == 60 and set(taken.values()) == {1}
        desks[0].write_blocking(lambda conn: outbox.reopen(conn, "k7"))
        assert len([key for key in keys(desks[1]) if key.startswith("k7:")]) == 1
    finally:
        for store in desks:
            store.close()
