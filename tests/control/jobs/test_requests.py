"""Requests of people over a real database: durable, idempotent, followed, and never lost in a crash."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from mixdesk import wire
from mixdesk_control.auth.principal import Principal, expand
from mixdesk_control.jobs.service import ListQuery
from mixdesk_control.store import tables
from mixdesk_control.web.asked import Asked
from mixdesk_control.web.problems import Problem

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(work)


async def audit_lines(desk: Any) -> list[tuple[str, str, str]]:
    columns = tables.audit.c
    query = select(columns.action, columns.outcome, columns.actor).order_by(columns.id)
    await desk.store.write(lambda conn: None)  # what is written without waiting stands before this
    return [tuple(row) for row in await desk.store.read(lambda conn: conn.execute(query).all())]


def test_a_request_survives_a_crash_right_after_its_answer(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        asked = await desk.ask(trainer, "checkpoint", "cancel")
        assert asked["generation"] == 1
        await desk.reopen()
        answer = await desk.put(trainer)
        assert answer.desired.checkpoint == wire.CheckpointDesired(then="cancel", generation=1)
        assert (await desk.operation(asked["operation"]))["state"] == "pending"
        trainer.saved("/c/a.pth", generation=1)
        await desk.put(trainer, status="canceled")
        assert (await desk.operation(asked["operation"]))["state"] == "succeeded"
        assert await audit_lines(desk) == [("job.checkpoint", "succeeded", "op")]

    run(work())


def test_an_operation_is_followed_to_its_outcome(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        asked = await desk.ask(trainer, "checkpoint")
        await desk.put(trainer, checkpoint=wire.CheckpointState(status="saving", generation=1))
        assert (await desk.operation(asked["operation"]))["state"] == "running"
        await desk.put(
            trainer,
            checkpoint=wire.CheckpointState(status="failed", generation=1, error="disk full"),
            observed=wire.Observed(checkpoint=1, outcome="failed"),
        )
        operation = await desk.operation(asked["operation"])
        assert (operation["state"], operation["error"]) == ("failed", "disk full")
        assert [step["step"] for step in operation["steps"]] == ["asked", "taken up", "failed"]
        assert operation["params"] == {"then": "continue"}
        assert desk.operations.outcomes["checkpoint", "failed"] == 1

    run(work())


def test_two_saves_in_one_report_are_two_outcomes(bench: Make, Trainer: type) -> None:
    """What the older request's save made is its result, though the newer one has failed by the time of the report."""

    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        first = await desk.ask(trainer, "checkpoint")
        await desk.put(trainer, checkpoint=wire.CheckpointState(status="saving", generation=1))
        second = await desk.ask(trainer, "checkpoint", "cancel")
        records = [
            wire.CheckpointRecord(path="/c/1.pth", step=1, saved_at=wire.now_text(desk.clocks.now), generation=1),
            wire.CheckpointRecord(path="/c/2.pth", step=2, saved_at=wire.now_text(desk.clocks.now + 1)),
        ]
        await desk.put(
            trainer,
            checkpoint=wire.CheckpointState(status="failed", generation=2, error="disk full", last=records[1]),
            checkpoints=records,
            observed=wire.Observed(checkpoint=2, outcome="failed"),
        )
        operations = [await desk.operation(asked["operation"]) for asked in (first, second)]
        assert [(item["state"], item["error"]) for item in operations] == [("succeeded", None), ("failed", "disk full")]
        assert operations[0]["result"]["path"] == "/c/1.pth", "its own file, not the newest"

    run(work())


def test_a_request_that_changes_nothing_answers_the_same_again(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        first = await desk.ask(trainer, "pause")
        assert await desk.ask(trainer, "pause") == first
        assert [line[0] for line in await audit_lines(desk)] == ["job.pause", "job.pause"], "both are in the audit"

    run(work())


def test_an_idempotency_key_answers_the_same_and_refuses_another_body(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        path = f"/admin/jobs/{trainer.job_id}/checkpoint"
        first = await desk.ask(trainer, "checkpoint", path=path, key="k", body=b"{}")
        trainer.saved("/c/a.pth", generation=1)
        await desk.put(trainer)
        # Without the key this would be a second checkpoint.
        assert await desk.ask(trainer, "checkpoint", path=path, key="k", body=b"{}") == first
        await desk.put(trainer, status="succeeded")
        await desk.reopen()
        assert await desk.ask(trainer, "checkpoint", path=path, key="k", body=b"{}") == first, (
            "also of a job that ended"
        )
        with pytest.raises(Problem) as caught:
            await desk.ask(trainer, "checkpoint", path=path, key="k", body=b'{"then":"cancel"}')
        assert caught.value.status_code == 422

    run(work())


def test_refusals_are_409_and_in_the_audit(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="succeeded")
        with pytest.raises(Problem) as caught:
            await desk.ask(trainer, "pause")
        assert (caught.value.status_code, caught.value.detail) == (409, "the job has ended (succeeded)")
        assert await audit_lines(desk) == [("job.pause", "refused", "op")]

    run(work())


def test_a_lost_job_accepts_requests(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        await desk.wait(15.0)
        asked = await desk.ask(trainer, "pause")
        answer = await desk.put(trainer)
        assert answer.desired.run == wire.RunDesired(state="paused", generation=asked["generation"])

    run(work())


def test_an_operation_can_be_taken_back_until_it_is_taken_up(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        asked = await desk.ask(trainer, "pause")
        taken = await desk.operations.cancel(asked["operation"], principals.operator(), "127.0.0.1")
        assert taken.state == "canceled"
        answer = await desk.put(trainer)
        assert answer.desired.run == wire.RunDesired(state="running", generation=2)
        with pytest.raises(Problem) as caught:
            await desk.operations.cancel(asked["operation"], principals.operator(), "127.0.0.1")
        assert caught.value.status_code == 409
        assert await audit_lines(desk) == [("job.pause", "canceled", "op"), ("operation.cancel", "succeeded", "op")]

    run(work())


def test_delete_takes_a_final_job_and_only_that(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        asked = Asked(Principal("op", expand(["operator"])))
        with pytest.raises(Problem) as caught:
            await desk.service.delete(trainer.job_id, asked)
        assert caught.value.status_code == 409
        await desk.put(trainer, status="succeeded")
        await desk.service.delete(trainer.job_id, asked)
        for attempt in (desk.show(trainer), desk.service.delete(trainer.job_id, asked)):
            with pytest.raises(Problem) as caught:
                await attempt
            assert caught.value.status_code == 404
        with pytest.raises(Problem) as caught:
            await desk.put(trainer, delivered=True)
        assert caught.value.status_code == 409, "a spool does not bring it back"
        rows = await desk.store.read(
            lambda conn: [
                conn.execute(select(table)).all() for table in (tables.jobs, tables.transitions, tables.series)
            ]
        )
        assert rows == [[], [], []]

    run(work())


def test_a_database_that_is_gone_or_old_is_no_reason_to_lose_a_click(bench: Make, Trainer: type) -> None:
    """Three timelines: the trainer has heard generations that this desk never gave."""

    async def work() -> None:
        desks, trainer, heard = [bench(), bench(), bench()], Trainer(), 0
        trainer.set(created_at=wire.now_text(desks[0].clocks.now))
        for place, desk in enumerate(desks):
            desk.clocks.pass_(100.0 * place)
            # It has obeyed the first of what it heard, and the rest waits in it.
            await desk.put(trainer, status="running", observed=wire.Observed(run=min(heard, 1)))
            for action in ("pause", "resume", "pause"):
                answer = await desk.ask(trainer, action)
                assert answer["generation"] > heard, "only a newer generation is heard"
                heard = answer["generation"]

    run(work())


def test_a_long_poll_is_woken_by_its_own_jobs_alone(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, one, other = bench(), Trainer(), Trainer()
        await desk.put(one, status="running")
        await desk.put(other, status="running")
        who = principals.reporter()
        poll = asyncio.create_task(desk.service.wait_desired({one.job_id: 0}, 30.0, who))
        await desk.ask(other, "pause")
        done, _ = await asyncio.wait([poll], timeout=0.1)
        assert not done
        asked = await desk.ask(one, "checkpoint")
        found = await asyncio.wait_for(poll, 25.0)
        assert found[one.job_id].generation == asked["generation"]
        again = await asyncio.wait_for(desk.service.wait_desired({one.job_id: 0, other.job_id: 0}, 30.0, who), 25.0)
        assert set(again) == {one.job_id, other.job_id}, "what is newer already is answered at once"
        assert await desk.service.wait_desired({one.job_id: 1}, 0.01, who) == {one.job_id: found[one.job_id]}
        assert desk.service.board.waiters.count == 0

    run(work())


def test_a_long_poll_is_answered_when_the_desk_stops(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        poll = asyncio.create_task(desk.service.wait_desired({trainer.job_id: 0}, 30.0, principals.reporter()))
        await asyncio.sleep(0)
        await desk.service.stop()
        assert set(await asyncio.wait_for(poll, 25.0)) == {trainer.job_id}

    run(work())


def test_a_long_poll_tells_nothing_of_another_owners_job(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, owner="bob", status="running")
        await desk.ask(trainer, "pause")
        assert await desk.service.wait_desired({trainer.job_id: 0}, 0.01, principals.reporter("ann")) == {}

    run(work())


def test_a_disk_that_refuses_leaves_everything_as_it_was(bench: Make, Trainer: type) -> None:
    """The database is made read-only for a moment by its own limit: memory and store stay alike."""

    async def work() -> None:
        desk, trainer, operator = bench(), Trainer(), Principal("op", expand(["operator"]))
        await desk.put(trainer, status="running")

        def limit(pages: str) -> Any:
            return lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count={pages}").scalar()

        pages = await desk.store.write(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar())
        await desk.store.write(limit(str(pages)))
        with pytest.raises(Problem) as caught:
            for _ in range(50):
                await desk.ask(trainer, "pause")
                await desk.ask(trainer, "resume")
        assert (caught.value.status_code, caught.value.headers["Retry-After"]) == (503, "2")
        shown = (await desk.show(trainer))["desired"]["generation"]
        await desk.put(trainer, metrics={f"m{number}": 1.0 for number in range(60)})
        desk.clocks.pass_(60.0)
        found = await desk.service.page(ListQuery(), operator)
        assert [job.state.job_id for job in found] == [trainer.job_id], "people still see what is known"
        await desk.store.write(limit("1000000"))
        stored = await desk.store.read(lambda conn: conn.execute(select(tables.jobs.c.intent)).scalar())
        assert json.loads(stored)["desired"]["generation"] == shown
        assert (await desk.ask(trainer, "cancel"))["generation"] == shown + 1

    run(work())
