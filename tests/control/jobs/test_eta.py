"""The ETA as the desk tells it: learned from what it stores, through real reports, in simulated time."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from simulated import Plan, reports, voice

from mixdesk import wire
from mixdesk_control.jobs.recall import FRESH_S, MOST_TYPES

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(work)


async def drive(desk: Any, trainer: Any, plan: Plan, *, until: float = 1e9) -> list[tuple[float, dict[str, Any]]]:
    """A job as its trainer reports it: (seconds, what the desk shows) after each report, to its end or to `until`."""
    began, seen = desk.clocks.now, []
    report = trainer.report
    for at, told in reports(plan):
        if at > until:
            return seen
        desk.clocks.pass_(began + at - desk.clocks.now)
        report.phases = [moved(phase, began) for phase in told.phases]
        await desk.put(trainer, status=told.status, started_at=wire.now_text(began))
        seen.append((at, await desk.show(trainer)))
    await desk.put(trainer, status="succeeded", completed_at=wire.now_text(desk.clocks.now))
    return seen


def moved(phase: wire.PhaseReport, began: float) -> wire.PhaseReport:
    """A phase of the simulation, in the time of this desk."""
    from simulated import BEGAN

    new = copy.copy(phase)
    for name in ("started_at", "ended_at"):
        text = getattr(phase, name)
        setattr(new, name, text and wire.now_text(wire.seconds_of(text) - BEGAN + began))
    return new


def plans(seed: int) -> Callable[[], Plan]:
    chance = random.Random(seed)
    return lambda: voice(chance, chance.choice((10.0, 20.0, 40.0)), chance.choice((2, 3, 5)), noise=0.03)


async def scores(desk: Any, trainer: Any, principals: Any) -> dict[str, float]:
    found = (await desk.service.history(trainer.job_id, principals.viewer()))["scores"]
    assert found is not None
    return dict(found)


def test_three_runs_make_the_fourth_one_known(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, next_plan = bench(), plans(1)
        for _ in range(3):
            await drive(desk, Trainer(), next_plan())
        trainer, plan = Trainer(), next_plan()
        seen = await drive(desk, trainer, plan)
        first = seen[0][1]
        assert first["status"] == "starting"
        assert first["eta_seconds"] == pytest.approx(plan.duration, rel=0.1)
        assert first["eta_low_seconds"] < first["eta_seconds"] < first["eta_high_seconds"]
        assert seen[-1][1]["eta_seconds"] == pytest.approx(0.0, abs=0.5)
        found = await scores(desk, trainer, principals)
        assert found["eta_progress_error"] < 0.02 and found["eta_known"] == pytest.approx(1.0, abs=0.01)
        assert found["progress_error"] > 5 * found["eta_progress_error"]
        shown = await desk.show(trainer)
        assert [shown[name] for name in ("eta_seconds", "eta_low_seconds", "eta_high_seconds")] == [None] * 3

    run(work())


def test_a_first_run_has_no_eta_at_its_start(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench()
        seen = await drive(desk, Trainer(), plans(2)())
        assert seen[0][1]["eta_seconds"] is None, "never made up"
        assert any(shown["eta_seconds"] for _, shown in seen)
        assert all(shown["eta_low_seconds"] is None for _, shown in seen)

    run(work())


@pytest.mark.parametrize("how", ["restarted", "another desk"])
def test_what_was_learned_is_in_the_store(bench: Make, Trainer: type, how: str) -> None:
    async def work() -> None:
        desk, next_plan = bench(), plans(3)
        trainer, plan = Trainer(), next_plan()
        if how == "another desk":
            await drive(desk, Trainer(), next_plan(), until=5.0)  # it knows the type, and that there are no runs of it
        await drive(desk, Trainer(), next_plan())
        if how == "restarted":
            await desk.reopen()
        else:
            history = desk.service.recall._histories["training_rvc"]
            history.hosts.clear()
            history.lately.clear()
            desk.clocks.pass_(FRESH_S + 1)
        seen = await drive(desk, trainer, plan)
        assert seen[0][1]["eta_seconds"] == pytest.approx(plan.duration, rel=0.25)

    run(work())


def test_a_desk_that_comes_back_in_the_middle_goes_on_predicting(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, next_plan = bench(), plans(4)
        for _ in range(3):
            await drive(desk, Trainer(), next_plan())
        trainer, plan = Trainer(), next_plan()
        half = plan.duration / 2
        seen = await drive(desk, trainer, plan, until=half)
        at, before = seen[-1]
        await desk.reopen()
        desk.clocks.pass_(0.5)
        await desk.put(trainer)
        after = await desk.show(trainer)
        assert before["eta_seconds"] == pytest.approx(plan.duration - at, rel=0.15)
        assert after["eta_seconds"] == pytest.approx(plan.duration - at - 0.5, rel=0.15)

    run(work())


def test_there_is_no_eta_in_a_pause_or_of_a_lost_job(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, next_plan = bench(), plans(5)
        for _ in range(3):
            await drive(desk, Trainer(), next_plan())
        trainer, plan = Trainer(), next_plan()
        seen = await drive(desk, trainer, plan, until=plan.duration / 2)
        left = seen[-1][1]["eta_seconds"]
        await desk.put(trainer, status="paused")
        assert (await desk.show(trainer))["eta_seconds"] is None
        for _ in range(300):
            desk.clocks.pass_(1.0)
            await desk.put(trainer)
        await desk.put(trainer, status="running")
        assert (await desk.show(trainer))["eta_seconds"] == pytest.approx(left, rel=0.05), "a pause is no slowness"
        await desk.wait(30.0)
        shown = await desk.show(trainer)
        assert shown["lost"] and shown["eta_seconds"] is None

    run(work())


def test_a_pause_is_neither_learned_nor_scored(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        phases = [wire.PhaseReport(key="training", weight=100.0)]
        desk, trainer = bench(), Trainer("lab", phases=phases)
        began = desk.clocks.now

        def at(seconds: float) -> str:
            return wire.now_text(began + seconds)

        trainer.set(started_at=at(0)).phase("training", started_at=at(0), total=100.0, done=0.0)
        await desk.put(trainer, status="running")
        for second in range(1, 51):
            desk.clocks.pass_(1.0)
            await desk.put(trainer.phase("training", done=float(second)))
        await desk.put(trainer, status="paused")
        for _ in range(250):
            desk.clocks.pass_(4.0)
            await desk.put(trainer)
        await desk.put(trainer, status="running")
        for second in range(51, 101):
            desk.clocks.pass_(1.0)
            await desk.put(trainer.phase("training", done=float(second)))
        trainer.phase("training", "done", ended_at=at(1100))
        await desk.put(trainer, status="succeeded", completed_at=at(1100))
        history = await desk.service.history(trainer.job_id, principals.viewer())
        (training,) = history["phases"]
        assert training["seconds"] == pytest.approx(100.0)
        assert history["scores"]["eta_error_50"] < 0.02 and history["scores"]["eta_progress_error"] < 0.02

    run(work())


def test_other_types_hosts_and_ends_teach_nothing(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, next_plan = bench(), plans(6)
        await drive(desk, Trainer("voice_lab", phases=[]), next_plan())
        trainer = Trainer()
        await drive(desk, trainer, next_plan(), until=20.0)
        await desk.put(trainer, status="failed", error="no")
        seen = await drive(desk, Trainer(), next_plan())
        assert seen[0][1]["eta_seconds"] is None

    run(work())


def test_a_deleted_job_has_taught_all_the_same(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        from mixdesk_control.web.asked import Asked

        desk, next_plan = bench(), plans(7)
        trainer = Trainer()
        await drive(desk, trainer, next_plan())
        await desk.service.delete(trainer.job_id, Asked(principals.operator()))
        await desk.reopen()
        plan = next_plan()
        seen = await drive(desk, Trainer(), plan, until=1.0)
        assert seen[0][1]["eta_seconds"] == pytest.approx(plan.duration, rel=0.25)

    run(work())


def test_types_in_memory_are_bounded(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench()
        for number in range(MOST_TYPES + 20):
            await desk.put(Trainer(f"type-{number}", phases=[wire.PhaseReport(key="a", weight=100.0)]))
        assert len(desk.service.recall._histories) <= MOST_TYPES
        assert len(desk.service.recall._read_at) <= MOST_TYPES

    run(work())


@pytest.mark.parametrize("field", ["began", "work", "expected"])
@pytest.mark.parametrize("odd", ["NaN", 1e308, -1.0, 0.0, None])
def test_odd_amounts_are_no_amounts(bench: Make, Trainer: type, field: str, odd: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        trainer.phase("preprocessing", total=10.0, done=1.0)
        body = json.loads(trainer.next(status="running", sent_at=wire.now_text(desk.clocks.now)))
        body["phases"][0][field] = odd
        raw = json.dumps(body).replace('"NaN"', "null" if field != "began" else "0")
        if odd is None and field == "began":
            return
        from mixdesk_control.auth.principal import Principal, expand

        await desk.service.report(trainer.job_id, raw.encode(), Principal("r", expand(["reporter"]), token_id="t"))
        assert (await desk.show(trainer))["status"] == "running"

    run(work())
