"""A seeded walk of requests, reports, silence and crashes over a real database: what may never happen does not."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from mixdesk import wire
from mixdesk.wire import FINAL_STATUSES
from mixdesk_control.web.problems import Problem

Make = Callable[..., Any]
OPEN = ("pending", "running")
STEPS = 150


class Loop:
    """A trainer that obeys what it has heard, as the library does."""

    def __init__(self, trainer: Any, dice: random.Random) -> None:
        self.trainer, self.dice = trainer, dice
        self.heard = wire.Desired()
        self.files = 0

    def hear(self, desired: wire.Desired) -> None:
        if desired.generation > self.heard.generation:
            self.heard = desired

    def step(self) -> None:
        """One boundary."""
        report, wish = self.trainer.report, self.heard
        asked, seen = wish.checkpoint, report.observed
        canceled = wish.run.state == "canceled" and wish.run.generation > seen.run
        leave = canceled
        if asked is not None and asked.generation > seen.checkpoint:
            outcome = "moot" if canceled else self.dice.choice(["saved", "saved", "failed"])
            self._save(asked.generation, outcome)
            leave = leave or (outcome == "saved" and asked.then == "cancel")
        report.observed.run = max(report.observed.run, wish.run.generation)
        if leave:
            report.status = "canceled"
        elif report.status in ("running", "paused"):
            report.status = "paused" if wish.run.state == "paused" else "running"

    def _save(self, generation: int, outcome: str) -> None:
        report = self.trainer.report
        if outcome == "saved":
            self.files += 1
            self.trainer.saved(f"/c/{self.files}.pth", generation=generation)
        else:
            report.observed = wire.Observed(run=report.observed.run, checkpoint=generation, outcome=outcome)
            if outcome == "failed":
                report.checkpoint = wire.CheckpointState(status="failed", generation=generation, error="no space")


class Watch:
    """What holds whatever happens."""

    def __init__(self) -> None:
        self.generation = 0
        self.revision = 0
        self.final: str | None = None
        self.accepted: dict[str, int] = {}
        self.ended: dict[str, str] = {}

    async def look(self, desk: Any, trainer: Any, *, desk_final: bool) -> None:
        job = await desk.show(trainer)
        wish = job["desired"]
        assert wish["generation"] >= self.generation, "a generation went back"
        assert wish["generation"] == max(
            wish["run"]["generation"], (wish["checkpoint"] or {"generation": 0})["generation"]
        )
        assert job["revision"] >= self.revision, "a revision came twice"
        if self.final is not None:
            assert job["status"] == self.final, "a job left its end"
        self.generation, self.revision = wish["generation"], job["revision"]
        self.final = job["status"] if job["status"] in FINAL_STATUSES and not desk_final else None
        for operation_id, generation in self.accepted.items():
            operation = await desk.operation(operation_id)
            assert operation["generation"] == generation <= self.generation, "what was answered 202 is gone"
            if operation_id in self.ended:
                assert operation["state"] == self.ended[operation_id], "an operation left its end"
            elif operation["state"] not in OPEN:
                self.ended[operation_id] = operation["state"]
        if job["status"] in FINAL_STATUSES:
            assert set(self.accepted) <= set(self.ended), "an operation outlived its job"


@pytest.mark.parametrize("seed", [int(os.environ.get("MIXDESK_TEST_SEED", random.randrange(10**6))), *range(8)])
def test_walk(bench: Make, Trainer: type, seed: int) -> None:
    print(f"seed {seed}: MIXDESK_TEST_SEED={seed} repeats it")
    asyncio.run(walk(bench(lost_fail_s=40.0), Trainer(), random.Random(seed)))


async def walk(desk: Any, trainer: Any, dice: random.Random) -> None:
    loop, watch = Loop(trainer, dice), Watch()
    await report(desk, loop, "starting")
    trainer.set(status="running")
    for _ in range(STEPS):
        kind = dice.choices(["step", "report", "old", "ask", "crash", "silence", "poll"], [30, 30, 5, 15, 5, 4, 6])[0]
        if kind == "step":
            loop.step()
        elif kind == "report":
            await report(desk, loop)
        elif kind == "old":
            await old_report(desk, trainer, dice)
        elif kind == "ask":
            await ask(desk, trainer, watch, dice)
        elif kind == "crash":
            await desk.reopen()
        elif kind == "silence":
            await desk.wait(dice.choice([5.0, 30.0, 90.0]))
        else:
            found = await desk.service.wait_desired({trainer.job_id: loop.heard.generation}, 0.0, _reporter())
            if trainer.job_id in found:
                loop.hear(found[trainer.job_id])
        job = await desk.service.board.get(trainer.job_id)
        await watch.look(desk, trainer, desk_final=job.state.desk_final)
    if watch.final is None:
        await finish(desk, loop, watch, dice)


async def report(desk: Any, loop: Loop, status: str | None = None) -> None:
    if status is not None:
        loop.trainer.set(status=status)
    try:
        answer = await desk.put(loop.trainer)
    except Problem as problem:
        assert problem.status_code == 409, problem.detail
        return
    loop.hear(answer.desired)


async def old_report(desk: Any, trainer: Any, dice: random.Random) -> None:
    seq = trainer.report.seq
    trainer.report.seq = max(0, seq - dice.randrange(1, 4))
    before = (await desk.service.board.get(trainer.job_id)).state
    try:
        answer = await desk.put(trainer)
        if trainer.report.seq <= before.seq:
            after = (await desk.service.board.get(trainer.job_id)).state
            assert answer.acked_seq == before.seq
            assert after.revision == before.revision, "an old report changed something"
    except Problem as problem:
        assert problem.status_code == 409, problem.detail
    trainer.report.seq = max(seq, trainer.report.seq)


async def ask(desk: Any, trainer: Any, watch: Watch, dice: random.Random) -> None:
    action = dice.choice(["checkpoint", "checkpoint", "pause", "resume", "cancel"])
    if action == "cancel" and dice.random() < 0.7:
        return
    then = "cancel" if dice.random() < 0.15 else "continue"
    try:
        answer = await desk.ask(trainer, action, then if action == "checkpoint" else "continue")
    except Problem as problem:
        assert problem.status_code == 409, problem.detail
        return
    operation = await desk.operation(answer["operation"])
    assert operation["generation"] <= answer["generation"] or operation["state"] not in OPEN
    watch.accepted[answer["operation"]] = operation["generation"]


async def finish(desk: Any, loop: Loop, watch: Watch, dice: random.Random) -> None:
    """The trainer hears all, obeys, and ends: every operation has ended then too."""
    for _ in range(6):
        await report(desk, loop)
        loop.step()
    if loop.trainer.report.status not in FINAL_STATUSES:
        loop.trainer.set(status=dice.choice(["succeeded", "failed"]), error="why")
    await report(desk, loop)
    await desk.reopen()
    await watch.look(desk, loop.trainer, desk_final=False)
    job = await desk.show(loop.trainer)
    assert job["status"] == loop.trainer.report.status


def _reporter() -> Any:
    from mixdesk_control.auth.principal import Principal, expand

    return Principal("rep", expand(["reporter"]))
