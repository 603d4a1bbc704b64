"""A desk that cannot keep up says so to trainers, and goes on serving people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from mixdesk_control.jobs.overload import LoadMeter
from mixdesk_control.web.problems import Problem

Make = Callable[..., Any]


@pytest.mark.parametrize(("live", "seconds"), [(0, 1.0), (1000, 1.0), (2000, 2.0), (10_000, 10.0)])
def test_reports_are_asked_for_less_often_as_jobs_grow(live: int, seconds: float) -> None:
    load = LoadMeter(live=lambda: live, backlog=lambda: 0)
    load.pace()
    assert load.report_in_s == seconds


@pytest.mark.parametrize("behind", ["loop", "backlog", "disk"])
def test_behind_reports_are_429_and_people_are_served(bench: Make, Trainer: type, behind: str) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        load = desk.service.load
        if behind == "loop":
            load.lag_s = 2.0
        elif behind == "backlog":
            load._backlog = lambda: 5000
        else:
            load.flushing_since = desk.clocks.ticks - 60.0
        with pytest.raises(Problem) as caught:
            await desk.put(trainer, epoch=1)
        assert (caught.value.status_code, caught.value.headers["Retry-After"]) == (429, "2")
        assert (await desk.ask(trainer, "pause"))["generation"] == 1
        for _ in range(15):
            await desk.wait(1.0)
            with pytest.raises(Problem):
                await desk.put(trainer, epoch=1)
        assert (await desk.show(trainer))["lost"] is False, "it was the desk that did not listen"
        load.lag_s, load._backlog, load.flushing_since = 0.0, lambda: 0, None
        await desk.put(trainer, epoch=2)
        assert (await desk.show(trainer))["details"]["current_epoch"] == 2

    asyncio.run(work())


def test_a_stuck_loop_is_noticed_and_forgiven() -> None:
    async def work() -> None:
        load = LoadMeter(live=lambda: 0, backlog=lambda: 0)
        task = asyncio.create_task(load.run())
        await asyncio.sleep(0.05)
        time.sleep(1.3)
        await asyncio.sleep(0.3)
        noticed = load.lag_s
        task.cancel()
        assert noticed > 0.5

    asyncio.run(work())


def test_the_jobs_are_not_counted_at_every_tick() -> None:
    counted: list[float] = []

    async def work() -> float:
        load = LoadMeter(live=lambda: counted.append(1.0) or 3000, backlog=lambda: 0)  # type: ignore[func-returns-value]
        began = time.monotonic()
        task = asyncio.create_task(load.run())
        await asyncio.sleep(0.7)
        task.cancel()
        assert load.report_in_s == 3.0
        return time.monotonic() - began

    lasted = asyncio.run(work())
    assert 1 <= len(counted) <= 1 + lasted, "once a second is enough: the more jobs there are, the longer it takes"
