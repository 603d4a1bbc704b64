"""Which message goes first, how long one waits, and what a clock that jumps does: a real receiver, a clock by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import quick_store
from told import Receiver

from mixdesk_control.notify import delivery, outbox, patience, service
from mixdesk_control.notify.event import About, Event
from mixdesk_control.notify.rest import Rest
from mixdesk_control.notify.service import NotifyService
from mixdesk_control.notify.urgency import MILD, PRESSING, WORRYING, rank
from mixdesk_control.settings_notify import NotifySettings
from mixdesk_control.store import Store

NOW = 1_790_000_000.0
HOUR = 3600.0
DAY = 24 * HOUR


@pytest.fixture
def store() -> Iterator[Store]:
    with quick_store.quick_folder() as folder:
        made = quick_store.opened(folder)
        yield made
        made.close()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AGAIN_S", 0.1)
    monkeypatch.setattr(patience, "FIRST_S", 0.05)
    monkeypatch.setattr(patience, "PROBE_S", 0.3)
    monkeypatch.setattr(patience, "DOUBT_S", (0.05, 0.05, 0.05, 0.05))
    monkeypatch.setattr(delivery, "LOOK_S", 0.2)


class Clock:
    """Goes as any other, and jumps where `now` is set: to when it was made."""

    def __init__(self) -> None:
        self.now, self._began = NOW, time.monotonic()

    def __call__(self) -> float:
        return self.now + time.monotonic() - self._began


def event(key: str, kind: str = "job.failed", at: float = NOW + 300, ran_s: float | None = None) -> Event:
    job = About(job_id="j", job_type="t", status="x", name="anton", ran_s=ran_s)
    return Event(key=key, event=kind, at=at, job=job)


Scene = Callable[[NotifyService, Clock], Awaitable[None]]


def run(store: Store, receiver: Receiver, scene: Scene, clock: Clock | None = None, **settings: Any) -> NotifyService:
    at = clock or Clock()

    async def play() -> NotifyService:
        made = NotifyService(store, NotifySettings(url=receiver.url, **settings), clock=at)
        await made.start()
        try:
            async with asyncio.timeout(90):
                await until(lambda: made._is_begun)
                await scene(made, at)
        finally:
            await made.stop()
        return made

    return asyncio.run(play())


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def ids(receiver: Receiver) -> list[str]:
    return [body["id"] for body in receiver.taken()]


# -- which goes first ----------------------------------------------------------------------------------------


def test_ranks() -> None:
    assert {rank(kind) for kind in ("job.failed", "job.lost", "checkpoint.failed")} == {PRESSING}
    assert {rank(kind) for kind in ("disk.low", "job.stalled", "job.interrupted")} == {WORRYING}
    assert {rank(kind) for kind in ("job.succeeded", "checkpoint.saved", "job.canceled", "?")} == {MILD}


def test_the_worst_goes_first(store: Store, receiver: Receiver) -> None:
    receiver.fault, receiver.slow_s = "slow", 0.05

    async def scene(made: NotifyService, _clock: Clock) -> None:
        for number in range(10):
            made.tell(event(f"good{number}", "job.succeeded"))
        made.tell(event("stalled", "job.stalled"))
        await until(lambda: len(receiver.came) == 2)
        made.tell(event("lost", "job.lost"))
        await until(lambda: len(receiver.taken()) == 12)

    run(store, receiver, scene)
    assert ids(receiver).index("stalled") == 0, "it was told last"
    assert ids(receiver).index("lost") <= 4
    assert [told for told in ids(receiver) if told.startswith("good")] == [f"good{number}" for number in range(10)]


def test_a_receiver_that_asks_for_an_hour_is_tried_all_the_same_where_it_is_critical(
    store: Store, receiver: Receiver
) -> None:
    receiver.fault, receiver.retry_after = 429, "86400"

    async def scene(made: NotifyService, _clock: Clock) -> None:
        made.tell(event("good", "job.succeeded"))
        await until(lambda: made.outcomes["job.succeeded", "failed"])
        assert made._delivery.rest.left() > 3000 and made._delivery.rest.left(PRESSING) < 1
        made.tell(event("fine", "job.succeeded"))
        made.tell(event("lost", "job.lost"))
        await until(lambda: made.outcomes["job.lost", "failed"] >= 2)
        assert made._delivery.rest.left() > 3000
        assert [message.body["id"] for message in receiver.came].count("good") == 1 and "fine" not in ids(receiver)
        receiver.fault = None
        await until(lambda: made.outcomes["job.succeeded", "sent"])

    run(store, receiver, scene)
    assert ids(receiver) == ["lost", "fine"], "what was taken ends the rest; the first waits the hour it was asked for"


def test_what_is_critical_waits_a_minute_at_most() -> None:
    rest = Rest()
    rest.failed(HOUR, HOUR)
    assert rest.left() > HOUR - 60 and 0 < rest.left(PRESSING) <= patience.PROBE_S
    rest.failed(5.0, None)
    assert rest.left() > HOUR - 60, "a probe that fails does not shorten the rest"
    rest.taken()
    assert rest.left() == rest.left(PRESSING) == 0.0


def test_a_short_job_that_succeeds_is_not_told(store: Store, receiver: Receiver) -> None:
    async def scene(made: NotifyService, _clock: Clock) -> None:
        made.tell(event("short", "job.succeeded", ran_s=59.0))
        made.tell(event("unknown", "job.succeeded"))
        made.tell(event("long", "job.succeeded", ran_s=60.0))
        made.tell(event("failed", ran_s=1.0))
        await until(lambda: len(receiver.taken()) == 3)

    run(store, receiver, scene)
    assert sorted(ids(receiver)) == ["failed", "long", "unknown"]

    async def again(made: NotifyService, _clock: Clock) -> None:
        made.tell(event("shorter", "job.succeeded", ran_s=1.0))
        await until(lambda: "shorter" in ids(receiver))

    run(store, receiver, again, min_duration_s=0.5)


# -- refused, maybe by mistake -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [302, 403, 404, 407])
def test_what_a_proxy_may_have_refused_is_tried_some_times(store: Store, receiver: Receiver, fault: int) -> None:
    receiver.fault = fault

    async def scene(made: NotifyService, _clock: Clock) -> None:
        made.tell(event("a"))
        await until(lambda: made.outcomes["job.failed", "given_up"])
        assert made.outcomes["job.failed", "failed"] == 4
        made.tell(event("b"))
        await until(lambda: made.outcomes["job.failed", "failed"] > 5)
        receiver.fault = None
        await until(lambda: made.outcomes["job.failed", "sent"])

    run(store, receiver, scene)
    answers = [message.answered for message in receiver.came if message.body["id"] == "a"]
    assert answers == [fault] * 5 and ids(receiver) == ["b"]


def test_a_doubt_lasts_about_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    waits = [patience.doubted(refusals) for refusals in range(1, 6)]
    assert waits[4] is None and sum(wait or 0 for wait in waits) == 600.0


# -- clocks --------------------------------------------------------------------------------------------------


def test_a_first_start_with_a_clock_that_is_ahead_does_not_silence_the_desk(store: Store, receiver: Receiver) -> None:
    clock = Clock()
    clock.now = NOW + 2 * DAY

    async def scene(made: NotifyService, clock: Clock) -> None:
        clock.now = NOW
        made.tell(event("a"))
        await until(lambda: ids(receiver) == ["a"])

    run(store, receiver, scene, clock)

    async def later(made: NotifyService, clock: Clock) -> None:
        made.tell(event("before", at=NOW - HOUR))
        made.tell(event("b"))
        await until(lambda: "b" in ids(receiver))

    run(store, receiver, later, clock)
    assert ids(receiver) == ["a", "b"]


def test_a_clock_that_goes_back_lets_nothing_wait(store: Store, receiver: Receiver) -> None:
    receiver.fault = 503

    async def scene(made: NotifyService, clock: Clock) -> None:
        made.tell(event("a"))
        await until(lambda: made.outcomes["job.failed", "failed"])
        clock.now = NOW - HOUR / 2
        receiver.fault = None
        await until(lambda: ids(receiver) == ["a"])

    run(store, receiver, scene)


def test_what_waits_for_a_far_time_is_due_at_the_next_start(store: Store, receiver: Receiver) -> None:
    def leave(conn: Any) -> None:
        outbox.add(conn, [event("a")], NOW + 2 * DAY)
        conn.exec_driver_sql("UPDATE notices SET claimed_until = ?", (NOW + 2 * DAY,))

    store.write_blocking(leave)
    run(store, receiver, lambda _made, _clock: until(lambda: ids(receiver) == ["a"]))


def test_a_clock_that_goes_forward_leaves_each_message_a_try(store: Store, receiver: Receiver) -> None:
    receiver.fault = 503

    async def scene(made: NotifyService, clock: Clock) -> None:
        made.tell(event("a"))
        await until(lambda: made.outcomes["job.failed", "failed"])
        receiver.fault = None
        clock.now = NOW + 25 * HOUR
        await until(lambda: made.outcomes["job.failed", "sent"])
        receiver.fault = 503
        made.tell(event("b", at=clock.now + 300))
        await until(lambda: made.outcomes["job.failed", "failed"] >= 2)
        clock.now += 25 * HOUR
        await until(lambda: made.outcomes["job.failed", "given_up"])

    run(store, receiver, scene)
    assert ids(receiver) == ["a"]
