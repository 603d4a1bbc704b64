"""What keeps the jobs of a desk right when much happens at once, or one thing fails among many."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from collector import Collector
from sqlalchemy import select

from mixdesk import wire
from mixdesk.identity import new_span_id
from mixdesk_control.jobs import board as board_module
from mixdesk_control.jobs import otlp, reporting, retention, rows
from mixdesk_control.jobs.intents import FIRST_MOMENT
from mixdesk_control.jobs.service import ListQuery
from mixdesk_control.store import StoreError, tables
from mixdesk_control.web.problems import Problem

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 120))


async def stored(desk: Any, *columns: Any) -> list[Any]:
    await desk.store.write(lambda conn: None)
    return list(await desk.store.read(lambda conn: conn.execute(select(*columns)).all()))


def test_a_generation_that_a_trainer_names_outlives_a_report_that_is_being_written(
    bench: Make, Trainer: type, principals: Any
) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        for number in range(1, 20):
            named = number * 1000
            # The report becomes durable (a phase has ended), and the poll comes while it waits for the disk.
            trainer.report.phases[0].state = "done" if number % 2 else "running"
            report = asyncio.create_task(desk.put(trainer))
            await asyncio.sleep(0)
            known = {trainer.job_id: named}
            polls = [desk.service.wait_desired(known, 0.0 if n else 5.0, principals.reporter()) for n in range(2)]
            poll = asyncio.create_task(polls[0])
            await polls[1]
            await report
            for _ in range(100):
                if desk.service.board.find(trainer.job_id).state.intent.floor >= named:
                    break
                await asyncio.sleep(0.01)
            asked = await desk.ask(trainer, "pause" if number % 2 else "resume")
            assert asked["generation"] > named
            assert (await poll)[trainer.job_id].generation == asked["generation"]
        assert asked["generation"] < FIRST_MOMENT

    run(work())


def test_one_silent_job_that_cannot_be_written_keeps_no_other_waiting(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write = rows.write

    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(5)]
        await desk.wait(30.0)
        for trainer in trainers:
            await desk.put(trainer, status="running")
        broken = {trainers[0].job_id, trainers[3].job_id}

        def fails(conn: Any, change: Any, now: float) -> None:
            if change.after.job_id in broken:
                raise StoreError("this row cannot be written")
            write(conn, change, now)

        monkeypatch.setattr(rows, "write", fails)
        with caplog.at_level(logging.WARNING):
            await desk.wait(11.0)
        lost = [(await desk.show(trainer))["lost"] for trainer in trainers]
        assert lost == [False, True, True, False, True]
        assert "2 of" in caplog.text and "cannot be written" in caplog.text
        monkeypatch.setattr(rows, "write", write)
        await desk.wait(1.0)
        assert all([(await desk.show(trainer))["lost"] for trainer in trainers]), "and they are tried again"

    run(work())


def test_a_request_that_changes_nothing_ends_in_the_audit_as_what_it_stands_for(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.put(trainer, status="running")
        first = await desk.ask(trainer, "pause")
        again = await desk.ask(trainer, "pause")
        assert again["operation"] == first["operation"]
        columns = (tables.audit.c.action, tables.audit.c.outcome)
        assert await stored(desk, *columns) == [("job.pause", "accepted")] * 2
        trainer.report.observed.run = first["generation"]
        await desk.put(trainer, status="paused")
        assert await stored(desk, *columns) == [("job.pause", "succeeded")] * 2
        late = await desk.ask(trainer, "pause")
        assert late["operation"] == first["operation"]
        assert await stored(desk, *columns) == [("job.pause", "succeeded")] * 3, "it had ended already"
        await desk.store.write(lambda conn: conn.execute(tables.operations.delete()))
        await desk.ask(trainer, "pause")
        assert await stored(desk, *columns) == [("job.pause", "succeeded")] * 4, "no line stays open for ever"

    run(work())


def test_spans_that_find_no_room_go_out_once_there_is_some(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(otlp, "MOST_WAITING", 6)
    monkeypatch.setattr(otlp, "FIRST_RETRY_S", 0.05)
    monkeypatch.setattr(otlp, "LAST_RETRY_S", 0.05)

    async def work(collector: Collector) -> None:
        desk, trainers = bench(endpoint=collector.url), [Trainer() for _ in range(5)]
        for trainer in trainers:
            trainer.set(created_at="2026-10-01T00:00:00Z", started_at="2026-10-01T00:00:00Z")
            for phase in trainer.report.phases:
                phase.span_id, phase.started_at, phase.ended_at = (
                    new_span_id(),
                    "2026-10-01T00:00:01Z",
                    "2026-10-01T00:00:02Z",
                )
                phase.state = "done"
            await desk.put(trainer, status="running")
        emitter = desk.service.emitter
        assert emitter.left_out > 0
        assert caplog.text.count("takes nothing") == 1, "one line an outage"
        sending = asyncio.create_task(emitter.run())
        wanted = {phase.span_id for trainer in trainers for phase in trainer.report.phases}
        for _ in range(1200):
            if {item["span"].span_id.hex() for item in collector.spans} >= wanted:
                break
            await asyncio.sleep(0.05)
        sending.cancel()
        got = [item["span"].span_id.hex() for item in collector.spans]
        assert set(got) >= wanted and len(got) == len(set(got)), "all of them, and none twice"
        assert "takes spans again" in caplog.text

    collector = Collector()
    try:
        with caplog.at_level(logging.WARNING):
            run(work(collector))
    finally:
        collector.close()


# -- limits --------------------------------------------------------------------------------------------


def test_one_token_makes_so_many_jobs_and_then_waits(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "NEW_AT_ONCE", 3)
    monkeypatch.setattr(reporting, "NEW_A_MINUTE", 60)

    async def work() -> None:
        desk, known = bench(), Trainer()
        for trainer in (known, Trainer(), Trainer()):
            await desk.put(trainer, status="running")
        with pytest.raises(Problem) as caught:
            await desk.put(late := Trainer(), status="running")
        assert caught.value.status_code == 429 and (caught.value.headers or {})["Retry-After"] == "1"
        await desk.put(known, epoch=3)
        desk.clocks.pass_(1.0)
        await desk.put(late, status="running")

    run(work())


def test_a_desk_holds_so_many_jobs_and_says_so(bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "MOST_LIVE", 2)
    monkeypatch.setattr(reporting, "MOST_SERIES", 20)

    async def work() -> None:
        desk, known, ends = bench(), Trainer(), Trainer()
        numbers = {f"n{number}": 1.0 for number in range(64)}
        await desk.put(known, status="running", metrics=dict(numbers))
        await desk.put(ends, status="running", metrics=dict(numbers))
        desk.service.load.pace()
        with pytest.raises(Problem) as caught:
            await desk.put(late := Trainer(), status="running")
        assert caught.value.status_code == 429 and "2 jobs" in caught.value.detail
        await desk.put(ends, status="succeeded", metrics={})
        desk.service.load.pace()
        await desk.put(late, status="running", metrics=dict(numbers))
        shown = (await desk.show(late))["metrics"]
        assert len(shown) == 64 and not any(item["history"] for item in shown.values()), "values, but no more histories"

    run(work())


def test_few_of_the_jobs_that_ended_stay_in_memory(
    bench: Make, Trainer: type, principals: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_ENDED", 2)

    async def work() -> None:
        desk, trainers, live = bench(), [Trainer() for _ in range(4)], Trainer()
        await desk.put(live, status="running")
        for trainer in trainers:
            desk.clocks.pass_(1.0)
            await desk.put(trainer, status="succeeded")
        desk.service.retention.evict()
        kept = {job.state.job_id for job in desk.service.board.jobs()}
        assert kept == {live.job_id, trainers[2].job_id, trainers[3].job_id}
        assert (await desk.show(trainers[0]))["status"] == "succeeded", "the store has it"
        found = await desk.service.page(ListQuery(), principals.viewer())
        assert len(found) == 5

    run(work())


def test_attempts_that_fail_and_jobs_of_before_count_against_no_pace(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "NEW_AT_ONCE", 1)
    write = rows.write

    def fails(conn: Any, change: Any, now: float) -> None:
        raise StoreError("the disk is full")

    async def work() -> None:
        desk, late = bench(), Trainer()
        desk.clocks.pass_(10.0)
        monkeypatch.setattr(rows, "write", fails)
        for _ in range(3):
            with pytest.raises(Problem) as caught:
                await desk.put(late, status="running")
            assert caught.value.status_code == 503
        monkeypatch.setattr(rows, "write", write)
        for _ in range(3):
            await desk.put(Trainer(), status="running", created_at=wire.now_text(desk.clocks.now - 11.0))
        await desk.put(late, status="running")
        with pytest.raises(Problem) as caught:
            await desk.put(Trainer(), status="running", created_at=wire.now_text(desk.clocks.now - 9.0))
        assert caught.value.status_code == 429

    run(work())


def test_the_histories_of_a_job_leave_the_memory_at_its_end(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(lost_fail_s=20.0), Trainer()

        async def told() -> tuple[int, int, int]:
            shown = (await desk.show(trainer))["metrics"]["loss"]
            history = await desk.service.history(trainer.job_id, principals.viewer())
            kept = desk.service.board.find(trainer.job_id).points["loss"]
            return len(shown["history"]), len(history["points"]["loss"]), len(kept)

        for number in range(100):
            desk.clocks.pass_(1.0)
            await desk.put(trainer, status="running", metrics={"loss": float(number)})
        desk.service.load.pace()
        assert await told() == (20, 100, 100) and desk.service.reporting.series > 0
        await desk.wait(60.0)
        assert (await desk.show(trainer))["status"] == "failed"
        desk.service.load.pace()
        assert await told() == (20, 100, 20) and desk.service.reporting.series == 0
        await desk.reopen()
        assert await told() == (20, 100, 20)
        await desk.put(trainer, status="running", metrics={"loss": 1.0})
        assert await told() == (20, 101, 101), "one that comes back goes on with all of it"
        await desk.put(trainer, status="succeeded")
        assert await told() == (20, 102, 20)

    run(work())


# -- telemetry on its way to the disk ------------------------------------------------------------------


def test_a_list_shows_what_is_not_written_yet(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer(name="first")
        await desk.put(trainer, status="running")
        await desk.put(trainer, name="second", epoch=7)
        await desk.put(trainer, epoch=8)
        assert desk.service.board.unflushed == 1
        for query in (ListQuery(), ListQuery(name="second"), ListQuery(statuses=["running"])):
            (job,) = await desk.service.page(query, principals.viewer())
            assert job.state.report.epoch == 8
        assert await desk.service.page(ListQuery(name="first"), principals.viewer()) == []
        assert desk.service.board.unflushed == 1, "and nobody waited for the disk"

    run(work())


def test_a_flush_writes_a_part_and_every_job_in_its_turn(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "MOST_POINTED", 2)

    async def work() -> None:
        desk, trainers = bench(), [Trainer(metrics={"loss": 1.0}) for _ in range(7)]
        for trainer in trainers:
            await desk.put(trainer, status="running")
        board, jobs = desk.service.board, tables.jobs.c

        async def written() -> dict[str, int]:
            return dict(tuple(row) for row in await stored(desk, jobs.job_id, jobs.seq))

        for trainer in trainers:
            await desk.put(trainer)
        await board.flush(3)
        await desk.put(trainers[0])
        await board.flush(3)
        assert board.unflushed == 2
        seqs = await written()
        assert [seqs[trainer.job_id] for trainer in trainers] == [2] * 6 + [1], "the longest unwritten first"
        await board.flush(3)
        assert await written() == {trainer.job_id: trainer.report.seq for trainer in trainers}
        assert len(await stored(desk, tables.series.c.job_id)) < 7 * 2, "histories a few at a time"
        await board.flush_all()
        assert {row[0] for row in await stored(desk, tables.series.c.job_id)} == {t.job_id for t in trainers}
        assert board.unflushed == 0

    run(work())
