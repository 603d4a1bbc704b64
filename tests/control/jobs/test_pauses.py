"""A pause is no work, whatever became of the desk meanwhile; where it is not known, nothing is learned."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mixdesk import wire
from mixdesk_control.store import tables

Make = Callable[..., Any]
WORK_S, PAUSE_S = 60.0, 3600.0


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 120))


class Run:
    """One run of two phases beside a desk: reports once a second, unless time passes unseen."""

    def __init__(self, desk: Any, trainer: Any, skew_s: float = 0.0) -> None:
        self.desk, self.trainer, self.skew_s, self.done = desk, trainer, skew_s, 0.0
        trainer.report.phases = [
            wire.PhaseReport(key=key, label=key, weight=50.0, total=60.0) for key in ("one", "two")
        ]
        trainer.set(created_at=self.now, started_at=self.now)
        self.begin(0)

    @property
    def now(self) -> str:
        return wire.now_text(self.desk.clocks.now + self.skew_s)

    def begin(self, place: int) -> None:
        if place:
            self.trainer.report.phases[0].state, self.trainer.report.phases[0].ended_at = "done", self.now
        phase = self.trainer.report.phases[place]
        phase.state, phase.started_at = "running", self.now

    async def goes(self, status: str, seconds: float, every_s: float = 1.0) -> None:
        for _ in range(int(seconds / every_s)):
            await self.desk.put(self.trainer, status=status, sent_at=self.now)
            self.desk.clocks.pass_(every_s)
        await self.desk.service.board.flush()

    async def ends(self, *, delivered: bool = False) -> None:
        phase = self.trainer.report.phases[1]
        phase.state, phase.ended_at = "done", self.now
        await self.desk.put(
            self.trainer, status="succeeded", completed_at=self.now, sent_at=self.now, delivered=delivered
        )

    async def learned(self) -> dict[str, float]:
        times = tables.phase_times.c
        wanted = select(times.phase, times.seconds).where(times.job_id == self.trainer.job_id)
        return dict(tuple(row) for row in await self.desk.store.read(lambda conn: conn.execute(wanted).all()))

    async def scored(self) -> bool:
        wanted = select(tables.scores.c.score).where(tables.scores.c.job_id == self.trainer.job_id)
        return bool(await self.desk.store.read(lambda conn: conn.execute(wanted).all()))


@pytest.mark.parametrize("skew_s", [0.0, 3600.0])
@pytest.mark.parametrize("when", ["never", "before it", "in it", "after it"])
def test_a_pause_is_left_out_across_a_restart(bench: Make, Trainer: type, when: str, skew_s: float) -> None:
    async def work() -> None:
        desk = bench()
        run_ = Run(desk, Trainer("own"), skew_s)
        await run_.goes("running", 30.0)
        if when == "before it":
            await desk.reopen()
        await run_.goes("paused", 10.0)
        await run_.goes("paused", PAUSE_S, 4.0)
        if when == "in it":
            await desk.reopen()
        await run_.goes("paused", 10.0)
        await run_.goes("running", 30.0)
        if when == "after it":
            await desk.reopen()
        run_.begin(1)
        await run_.goes("running", 60.0)
        await run_.ends()
        learned = await run_.learned()
        assert learned["one"] == pytest.approx(WORK_S, abs=5.0) and learned["two"] == pytest.approx(60.0, abs=5.0)
        assert await run_.scored()

    run(work())


@pytest.mark.parametrize("how", ["it ended unseen", "it began unseen", "it ended with the run"])
def test_a_pause_whose_length_is_not_known_teaches_nothing(bench: Make, Trainer: type, how: str) -> None:
    async def work() -> None:
        desk = bench(lost_fail_s=100_000.0)
        run_ = Run(desk, Trainer("own"))
        await run_.goes("running", 30.0)
        if how != "it began unseen":
            await run_.goes("paused", 10.0)
        await desk.reopen()
        desk.clocks.pass_(PAUSE_S)
        if how == "it began unseen":
            await run_.goes("paused", 10.0)
        if how == "it ended with the run":
            run_.begin(1)
            await run_.ends(delivered=True)
        else:
            await run_.goes("running", 30.0)
            run_.begin(1)
            await run_.goes("running", 60.0)
            await run_.ends()
        assert (await desk.show(run_.trainer))["status"] == "succeeded"
        assert await run_.learned() == {} and not await run_.scored()

    run(work())


def test_a_job_that_obeyed_a_desk_whose_memory_is_gone_teaches_nothing(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        for generation in (0, 7):
            desk = bench()
            run_ = Run(desk, Trainer("own"))
            run_.trainer.report.observed.run = generation
            desk.clocks.pass_(PAUSE_S)
            await run_.goes("running", 30.0)
            run_.begin(1)
            await run_.goes("running", 60.0)
            await run_.ends()
            assert bool(await run_.learned()) == (generation == 0) == await run_.scored()

    run(work())
