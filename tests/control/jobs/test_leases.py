"""Jobs that fall silent, come back, or are continued by another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mixdesk import wire
from mixdesk.identity import new_job_id
from mixdesk_control.jobs.service import ListQuery

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(work)


async def seen(desk: Any, trainer: Any) -> tuple[str, bool, str | None]:
    job = await desk.show(trainer)
    return job["status"], job["lost"], job["error"]


def test_lost_after_the_lease_and_failed_in_the_end(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        await desk.wait(10.0)
        assert await seen(desk, trainer) == ("running", False, None)
        await desk.wait(1.0)
        assert await seen(desk, trainer) == ("running", True, None), "the status stays the last reported one"
        await desk.wait(580.0)
        assert await seen(desk, trainer) == ("running", True, None)
        await desk.wait(20.0)
        assert await seen(desk, trainer) == ("failed", False, "lost contact")

    run(work())


def test_filters_say_lost(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, silent, live = bench(), Trainer(), Trainer()
        await desk.wait(30.0)
        await desk.put(silent, status="running")
        await desk.wait(11.0)
        await desk.put(live, status="running")

        async def ids(*statuses: str) -> set[str]:
            found = await desk.service.page(ListQuery(statuses=statuses), principals.viewer())
            return {job.state.job_id for job in found}

        assert await ids("lost") == {silent.job_id}
        assert await ids("running") == {live.job_id}
        assert await ids("running", "lost") == {silent.job_id, live.job_id}

    run(work())


@pytest.mark.parametrize("status", ["starting", "running", "paused", "finalizing"])
def test_the_next_report_clears_it(bench: Make, Trainer: type, status: str) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status=status)
        await desk.wait(15.0)
        assert (await seen(desk, trainer))[1] is True
        await desk.put(trainer)
        assert await seen(desk, trainer) == (status, False, None)

    run(work())


@pytest.mark.parametrize("after", ["running", "succeeded", "canceled", "failed"])
def test_one_that_the_desk_ended_may_come_back(bench: Make, Trainer: type, after: str) -> None:
    async def work() -> None:
        desk, trainer = bench(lost_fail_s=20.0), Trainer()
        await desk.put(trainer, status="running")
        await desk.wait(60.0)
        assert await seen(desk, trainer) == ("failed", False, "lost contact")
        await desk.reopen()
        await desk.put(trainer, status=after, error="boom" if after == "failed" else None)
        assert await seen(desk, trainer) == (after, False, "boom" if after == "failed" else None)
        job = await desk.show(trainer)
        assert (job["completed_at"] is None) == (after == "running")

    run(work())


def test_what_the_trainer_ended_stays_ended(bench: Make, Trainer: type) -> None:
    from mixdesk_control.web.problems import Problem

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="failed", error="boom")
        await desk.reopen()
        with pytest.raises(Problem):
            await desk.put(trainer, status="running")
        assert await seen(desk, trainer) == ("failed", False, "boom")

    run(work())


@pytest.mark.parametrize("how", ["cancel", "save and cancel"])
def test_with_a_cancel_pending_a_lost_job_is_canceled(bench: Make, Trainer: type, how: str) -> None:
    async def work() -> None:
        desk, trainer = bench(lost_fail_s=20.0), Trainer()
        await desk.put(trainer, status="running")
        await desk.wait(25.0)
        assert (await seen(desk, trainer))[1] is True
        asked = await (desk.ask(trainer, "cancel") if how == "cancel" else desk.ask(trainer, "checkpoint", "cancel"))
        await desk.wait(20.0)
        assert await seen(desk, trainer) == ("canceled", False, None)
        operation = await desk.operation(asked["operation"])
        assert operation["state"] == ("succeeded" if how == "cancel" else "moot")

    run(work())


def test_after_a_restart_a_job_has_the_desks_start_and_a_lease(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        desk.clocks.pass_(3600.0)  # nobody was there
        await desk.reopen()
        await desk.wait(19.0)
        assert (await seen(desk, trainer))[1] is False
        await desk.wait(2.0)
        assert (await seen(desk, trainer))[1] is True

    run(work())


def test_a_desk_that_slept_does_not_blame_its_trainers(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        desk.clocks.pass_(500.0)  # SIGSTOP
        await desk.service.leases.sweep()
        assert (await seen(desk, trainer))[1] is False
        await desk.wait(25.0)
        assert (await seen(desk, trainer))[1] is True

    run(work())


def test_a_queued_job_has_no_lease_and_is_ended_by_the_desk(bench: Make, Trainer: type) -> None:
    from mixdesk_control.web.problems import Problem

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="queued")
        await desk.wait(1000.0)
        assert await seen(desk, trainer) == ("queued", False, None)
        asked = await desk.ask(trainer, "cancel")
        assert (await seen(desk, trainer))[0] == "canceled"
        assert (await desk.operation(asked["operation"]))["state"] == "succeeded"
        with pytest.raises(Problem) as caught:
            await desk.put(trainer, status="starting")
        assert caught.value.status_code == 409
        assert caught.value.extra["desired"].run.state == "canceled", "whoever takes it up hears that it is to leave"
        await desk.put(trainer, status="canceled")

    run(work())


@pytest.mark.parametrize("late", [False, True])
def test_a_lost_parent_ends_when_it_is_continued(bench: Make, Trainer: type, late: bool) -> None:
    """At once where it is lost already, else as soon as it is."""

    async def work() -> None:
        desk, parent = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(parent, status="running")
        await desk.wait(5.0 if late else 15.0)
        child = Trainer(parent_id=parent.job_id, attempt=2)
        await desk.put(child, status="starting")
        if late:
            assert (await seen(desk, parent))[0] == "running"
            for _ in range(8):
                await desk.put(child)
                await desk.wait(1.0)
        assert await seen(desk, parent) == ("failed", False, f"continued as {child.job_id}")
        await desk.put(parent, status="succeeded")
        assert await seen(desk, parent) == ("succeeded", False, None), "and may still say otherwise"

    run(work())


def test_a_parent_of_another_owner_or_one_that_lives_is_left_alone(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, lost, alive = bench(), Trainer(), Trainer()
        await desk.wait(30.0)
        await desk.put(lost, owner="bob", status="running")
        await desk.wait(15.0)
        await desk.put(alive, owner="ann", status="running")
        for parent in (lost.job_id, alive.job_id, new_job_id()):
            await desk.put(Trainer(parent_id=parent), owner="ann", status="running")
        assert await seen(desk, lost) == ("running", True, None)
        assert await seen(desk, alive) == ("running", False, None)

    run(work())


def test_a_spool_tells_the_true_end_of_a_lost_job(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(lost_fail_s=20.0), Trainer()
        await desk.put(trainer, status="running")
        await desk.wait(60.0)
        await desk.put(trainer, status="running", delivered=True)
        assert await seen(desk, trainer) == ("failed", False, "lost contact"), "an old report is no sign of life"
        await desk.put(trainer, status="succeeded", delivered=True)
        assert await seen(desk, trainer) == ("succeeded", False, None)

    run(work())


def test_the_open_phases_of_a_lost_job_end_where_it_was_heard_last(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(lost_fail_s=20.0), Trainer()
        trainer.phase("training", started_at=wire.now_text(desk.clocks.now), done=1.0, total=2.0)
        await desk.put(trainer, status="running")
        heard = desk.clocks.now
        await desk.wait(60.0)
        job = await desk.show(trainer)
        phase = next(phase for phase in job["phases"] if phase["key"] == "training")
        assert (phase["state"], phase["ended_at"]) == ("failed", wire.now_text(heard))
        history = await desk.service.history(trainer.job_id, _viewer())
        assert [item["after"] for item in history["transitions"]] == ["running", "lost", "failed"]

    run(work())


def _viewer() -> Any:
    from mixdesk_control.auth.principal import Principal, expand

    return Principal("v", expand(["viewer"]))


def test_a_trainer_is_judged_by_the_lease_that_it_was_told(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        desk.service.load.report_in_s = 6.0  # as for 6,000 jobs
        await desk.wait(60.0)
        answer = await desk.put(trainer, status="running")
        assert answer.lease_s == 30.0
        await desk.wait(29.0)
        assert (await seen(desk, trainer))[1] is False
        await desk.wait(3.0)
        assert (await seen(desk, trainer))[1] is True
        assert "no report for 30 s" in str(await desk.service.history(trainer.job_id, _anyone()))

    run(work())


def _anyone() -> Any:
    from mixdesk_control.auth.principal import Principal, expand

    return Principal("view", expand(["viewer"]))
