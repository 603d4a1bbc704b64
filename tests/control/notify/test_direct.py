"""Messages that cannot be noted: a database on a disk that is really full, and what is kept in memory meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import quick_store
from told import Receiver, fill

from mixdesk_control.notify import delivery, memory, outbox, patience, service
from mixdesk_control.notify.event import Event
from mixdesk_control.notify.memory import Memory, Well
from mixdesk_control.notify.service import NotifyService, Refused
from mixdesk_control.settings_notify import NotifySettings
from mixdesk_control.store import Store

NOW = 2e9


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AGAIN_S", 0.1)
    monkeypatch.setattr(delivery, "AGAIN_S", 0.1)
    monkeypatch.setattr(patience, "FIRST_S", 0.05)
    monkeypatch.setattr(delivery, "LOOK_S", 0.2)


def event(key: str, kind: str = "checkpoint.failed", error: str = "x" * 20_000) -> Event:
    return Event(key=key, event=kind, at=NOW, error=error)


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def run(store: Store, receiver: Receiver, scene: Callable[[NotifyService], Awaitable[None]]) -> NotifyService:
    async def play() -> NotifyService:
        made = NotifyService(store, NotifySettings(url=receiver.url), clock=lambda: NOW)
        await made.start()
        try:
            async with asyncio.timeout(90):
                await until(lambda: made._is_begun)
                await scene(made)
        finally:
            await made.stop()
        return made

    return asyncio.run(play())


def ids(receiver: Receiver) -> list[str]:
    return [body["id"] for body in receiver.taken()]


def outcomes(store: Store) -> dict[str, str]:
    rows = store.read_blocking(lambda conn: conn.exec_driver_sql("SELECT key, outcome FROM notices").all())
    return {row[0]: row[1] for row in rows}


def test_a_full_disk_silences_nobody(receiver: Receiver, small_disk: Callable[[str], Path]) -> None:
    folder = small_disk("3m")
    store, filler = quick_store.opened(folder), folder / "filler"

    async def scene(made: NotifyService) -> None:
        made.tell(event("before"))
        await until(lambda: ids(receiver) == ["before"] and outcomes(store) == {"before": "sent"})
        await asyncio.to_thread(fill, filler)
        receiver.fault = 503
        for key, kind in (("good", "job.succeeded"), ("low", "disk.low"), ("a", "checkpoint.failed")):
            made.tell(event(key, kind))
        made.tell(event("before"))
        await until(lambda: made.outcomes["checkpoint.failed", "failed"])
        receiver.fault = None
        await until(lambda: len(receiver.taken()) == 4)
        for key in ("good", "low", "a", "b"):
            made.tell(event(key))
        await until(lambda: len(receiver.taken()) == 5)
        receiver.fault, receiver.say = 401, b"no"
        made.tell(event("refused"))
        await until(lambda: made.outcomes["checkpoint.failed", "given_up"])
        with pytest.raises(Refused, match="answered 401"):
            await made.test()
        receiver.fault = None
        filler.unlink()
        await until(lambda: not made._told)

    async def again(made: NotifyService) -> None:
        for key in ("before", "good", "low", "a", "b", "refused", "last"):
            made.tell(event(key))
        await until(lambda: "last" in ids(receiver))

    try:
        run(store, receiver, scene)
        expected = ["before", "a", "low", "good", "b"]
        assert ids(receiver) == expected, "the worst first, and each once"
        assert outcomes(store) == dict.fromkeys(expected, "sent") | {"refused": "given_up"}
        run(store, receiver, again)
        assert ids(receiver) == [*expected, "last"], "nor by the next desk"
    finally:
        filler.unlink(missing_ok=True)
        store.close()


def test_what_was_over_and_came_again_is_told_again(receiver: Receiver, small_disk: Callable[[str], Path]) -> None:
    folder = small_disk("3m")
    store, filler = quick_store.opened(folder), folder / "filler"

    async def scene(made: NotifyService) -> None:
        made.tell(event("low", "disk.low"))
        await until(lambda: outcomes(store) == {"low": "sent"})
        await asyncio.to_thread(fill, filler)
        made.well("low")
        made.tell(event("low", "disk.low"))
        await until(lambda: len(receiver.taken()) == 2)
        filler.unlink()
        await until(lambda: not made._told)

    try:
        run(store, receiver, scene)
        assert outcomes(store) == {"low:1": "sent", "low": "sent"} and len(receiver.taken()) == 2
    finally:
        filler.unlink(missing_ok=True)
        store.close()


def test_what_another_desk_has_noted_meanwhile_is_sent_no_more() -> None:
    with quick_store.quick_folder() as folder:
        store = quick_store.opened(folder)
        store.write_blocking(lambda conn: outbox.add(conn, [event("a"), event("b")], NOW))
        store.write_blocking(lambda conn: outbox.add_ended(conn, event("a"), NOW, outbox.SENT, None))
        notice = store.write_blocking(lambda conn: outbox.claim(conn, NOW, NOW + 30))
        assert notice is not None and notice.id == 2
        store.close()


def test_memory_keeps_each_once_and_the_worst_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST", 4)
    held = Memory()
    for item in (event("a"), event("a"), Well("a"), Well("a"), event("a")):
        assert held.add(item) is None
    assert [type(slot.item).__name__ for slot in held.all().values()] == ["Event", "Well", "Event"]
    assert [(told.key, renewed) for _, told, renewed in held.waiting()] == [("a", False), ("a", True)]
    first = held.all()
    held.forget({number: first[number] for number in list(first)[:2]})
    assert held.add(event("a")) is None and len(held) == 1, "the last of it still waits"
    assert held.add(event("mild", "job.succeeded")) is None
    assert held.add(event("mild2", "job.succeeded")) is None
    assert held.add(event("lost", "job.lost")) is None
    dropped = held.add(event("lost2", "job.lost"))
    assert dropped is not None and dropped.key == "mild", "the mildest, and of those the oldest"
    held.waiting()[0][0].end(outbox.SENT, NOW)
    assert held.add(event("lost3", "job.lost")) is None, "what was sent goes before what was not"
    assert [told.key for _, told, _ in held.waiting()] == ["lost", "lost2", "lost3", "mild2"]


def test_one_that_always_fails_lets_others_have_a_turn() -> None:
    held = Memory()
    held.add(event("a"))
    held.add(event("good", "job.succeeded"))
    held.waiting()[0][0].tries = memory.TRIES
    assert [told.key for _, told, _ in held.waiting()] == ["good", "a"]
