"""How a source is followed: its pace, what counts, and what hangs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
import pytest
from snapshots import IDLE, snapshot

from mixdesk_control.meters.meter import FAST_AGE_S, HISTORY_S, NEW_AGE_S, SLOW_AGE_S, WATCHED_S, Meter
from mixdesk_control.meters.snapshots import HostSnapshot
from mixdesk_control.meters.sources import SourceError

SOON_S = 10.0  # less than a slow pace


class Fake:
    """A source that numbers its snapshots; `hold` keeps a reading from coming back."""

    name = "http://box:9771"

    def __init__(self) -> None:
        self.ages: list[float] = []
        self.error: Exception | None = None
        self.hold = threading.Event()
        self.hold.set()

    def read(self, max_age_s: float) -> HostSnapshot:
        self.ages.append(max_age_s)
        self.hold.wait(60)
        if self.error is not None:
            raise self.error
        return snapshot(at=float(len(self.ages)), metrics=msgspec.structs.replace(IDLE, timestamp=str(len(self.ages))))

    def close(self) -> None:
        self.hold.set()


@contextlib.asynccontextmanager
async def following(source: Fake, clock: Callable[[], float] | None = None) -> AsyncIterator[Meter]:
    meter = Meter(source) if clock is None else Meter(source, clock)
    task = asyncio.create_task(meter.run())
    try:
        yield meter
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        meter.close()


async def until(check: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON_S):
        while not check():
            await asyncio.sleep(0.01)


def stamp(metrics: bytes | None) -> str:
    """The number of a reading."""
    assert metrics is not None
    return str(msgspec.json.decode(metrics)["timestamp"])


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))  # type: ignore[arg-type]


def test_nobody_looks_and_then_somebody_does() -> None:
    async def work() -> None:
        source = Fake()
        async with following(source) as meter:
            await until(lambda: source.ages)
            assert source.ages == [SLOW_AGE_S], "it keeps no exporter awake"
            await until(lambda: meter.snapshot)
            frames = meter.frames()
            async with asyncio.timeout(SOON_S):
                assert [stamp(await anext(frames)) for _ in range(3)] == ["1", "2", "3"]
            assert set(source.ages[1:]) == {0.5}

    run(work)


def test_one_who_asks_gets_a_fresh_one() -> None:
    async def work() -> None:
        source = Fake()
        async with following(source) as meter:
            await until(lambda: meter.snapshot)
            meter._read_at -= 5.0
            found = await meter.fresh(SOON_S)
            assert stamp(found) == "2"

    run(work)


def test_one_who_needs_it_gets_one_that_was_read_after_the_call() -> None:
    async def work() -> None:
        source = Fake()
        async with following(source) as meter:
            await until(lambda: meter.snapshot)
            source.hold.clear()
            meter.look()
            await until(lambda: len(source.ages) == 2)
            asking = asyncio.create_task(meter.renewed(SOON_S))
            await asyncio.sleep(0)
            source.hold.set()  # that reading began before the call: it does not do
            found = await asking
            assert found is not None and found.at == 3.0
            assert source.ages[1:] == [FAST_AGE_S, NEW_AGE_S]
            both = await asyncio.gather(meter.renewed(SOON_S), meter.renewed(SOON_S))
            assert [one.at for one in both if one] == [4.0, 4.0], "who asks at once shares it"

    run(work)


def test_one_who_needs_it_and_gets_none() -> None:
    async def work() -> None:
        source = Fake()
        async with following(source) as meter:
            await until(lambda: meter.snapshot)
            source.error = SourceError("it does not answer")
            assert await meter.renewed(SOON_S) is None, "it failed at once"
            assert meter.error == "it does not answer"
            source.error = None
            source.hold.clear()
            assert await meter.renewed(0.1) is None, "it hangs"

    run(work)


def test_a_source_that_hangs_is_asked_once_and_what_it_said_counts_no_more() -> None:
    async def work() -> None:
        source, now = Fake(), [0.0]
        async with following(source, lambda: now[0]) as meter:
            await until(lambda: meter.snapshot)
            source.hold.clear()
            assert await meter.fresh(0.1) is not None
            now[0] += 18.0
            await until(lambda: len(source.ages) == 2)
            await asyncio.sleep(0.2)
            assert meter.snapshot is None
            assert len(source.ages) == 2
            source.hold.set()
            await until(lambda: len(source.ages) > 2 and meter.snapshot)

    run(work)


def test_a_source_that_fails_has_no_snapshot_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        source = Fake()
        async with following(source) as meter:
            await until(lambda: meter.snapshot)
            frames = meter.frames()
            await anext(frames)
            source.error = SourceError("http://box:9771 does not answer: ConnectTimeout")
            await until(lambda: meter.error)
            assert meter.snapshot is None
            asked = len(source.ages)
            await until(lambda: len(source.ages) > asked + 1)
            source.error = None
            await until(lambda: meter.snapshot)
            assert meter.error is None

    with caplog.at_level("INFO", "mixdesk.meters"):
        run(work)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_source_that_is_odd_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        source = Fake()
        source.error = ZeroDivisionError("odd")
        async with following(source) as meter:
            await until(lambda: meter.error)
            source.error = None
            meter.look()
            await until(lambda: meter.snapshot)

    run(work)
    assert "ZeroDivisionError" in caplog.text


def test_the_past_is_two_minutes_long() -> None:
    async def work() -> None:
        source, now = Fake(), [0.0]
        meter = Meter(source, lambda: now[0])
        for _ in range(200):
            now[0] += 1.0
            meter._take(meter._asked(0.5), now[0], 1.0)
        assert len(meter._past()) == HISTORY_S + 1
        now[0] += WATCHED_S
        assert meter._past() == []
        assert meter.snapshot is None
        meter.close()

    run(work)
