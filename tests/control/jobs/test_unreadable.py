"""Rows that do not decode, and rows that are newer than memory: no job keeps the desk or a list from the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from mixdesk import wire
from mixdesk_control.jobs import rows
from mixdesk_control.jobs.merging import weighted
from mixdesk_control.jobs.service import ListQuery
from mixdesk_control.jobs.state import Document, document_from, document_text
from mixdesk_control.store import StoreError, tables

Make = Callable[..., Any]
WEIGHTS = [1e-310, 5e-324, 1e-300, 0.0, 1.0, 1e300, 1e-8, 1e-9, 1e-10, 100.0]


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 120))


@pytest.mark.parametrize("first", WEIGHTS)
@pytest.mark.parametrize("second", WEIGHTS)
def test_weights_of_any_size_stay_numbers(Trainer: type, first: float, second: float) -> None:
    report = Trainer("own").report
    both = {"a": first, "b": second}
    report.phases = [wire.PhaseReport(key=key, label=key, weight=weight) for key, weight in both.items()]
    weighted(report, {})
    again = document_from(document_text(Document(report=report)))
    found = [phase.weight for phase in again.report.phases]
    assert all(0.0 <= weight <= 100.0 for weight in found), found
    assert sum(found) in (0.0, pytest.approx(100.0)), found


def test_a_desk_starts_after_such_weights(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer("own")
        trainer.report.phases = [wire.PhaseReport(key=key, label=key, weight=1e-310) for key in "ab"]
        await desk.put(trainer, status="running")
        await desk.reopen()
        assert (await desk.show(trainer))["status"] == "running"

    run(work())


def test_a_row_that_cannot_be_read_keeps_none_of_the_others_away(
    bench: Make, Trainer: type, principals: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(5)]
        for trainer in trainers:
            desk.clocks.pass_(1.0)
            await desk.put(trainer, status="running")
        broken = tables.jobs.c.job_id == trainers[2].job_id
        await desk.store.write(lambda conn: conn.execute(update(tables.jobs).where(broken).values(document='{"x":1}')))
        await desk.reopen()
        others = {trainer.job_id for trainer in trainers} - {trainers[2].job_id}
        assert {job.state.job_id for job in desk.service.board.jobs()} == others
        assert trainers[2].job_id in caplog.text
        found = await desk.service.page(ListQuery(limit=4), principals.viewer())
        assert {job.state.job_id for job in found} == others, "a page is full in spite of it"
        frames = desk.service.frames(principals.viewer())
        sent = [await anext(frames) for _ in others]
        assert all(any(job_id.encode() in frame for frame in sent) for job_id in others)
        await frames.aclose()  # type: ignore[attr-defined]
        with pytest.raises(StoreError, match=trainers[2].job_id):
            await desk.show(trainers[2])
        desk.clocks.pass_(400 * 86_400.0)
        await desk.service.retention.prune()

    with caplog.at_level(logging.ERROR):
        run(work())


def test_a_list_of_one_status_shows_no_other(
    bench: Make, Trainer: type, principals: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page is asked for while an end is on disk and not yet in memory, or in memory since the rows were read."""

    async def work() -> None:
        desk, trainers = bench(), [Trainer() for _ in range(4)]
        for trainer in trainers:
            desk.clocks.pass_(1.0)
            await desk.put(trainer, status="running")
        board, show = desk.service.board, desk.service.board._show
        seen: dict[str, list[str]] = {}

        async def listed(status: str) -> list[str]:
            found = await desk.service.page(ListQuery(statuses=[status], limit=3), principals.viewer())
            assert {job.state.status for job in found} <= {status}
            return [job.state.job_id for job in found]

        async def between() -> None:
            changes = held.pop()
            seen["failed"], seen["running"] = await listed("failed"), await listed("running")
            show(*changes)

        held: list[Any] = []
        monkeypatch.setattr(board, "_show", lambda *changes: held.append(changes))
        with pytest.raises(AttributeError):  # what comes after the commit finds its job as it was
            await desk.put(trainers[3], status="failed", error="boom")
            await between()
            raise AttributeError
        assert seen["failed"] == [trainers[3].job_id]
        assert seen["running"] == [trainer.job_id for trainer in reversed(trainers[:3])]

        read = board.store.read
        monkeypatch.setattr(board, "_show", show)

        async def late(work: Any) -> Any:
            found = await read(work)
            if late_ones:
                await desk.put(late_ones.pop(), status="failed", error="boom")
            return found

        late_ones = [trainers[2]]
        monkeypatch.setattr(board.store, "read", late)
        assert await listed("running") == [trainers[1].job_id, trainers[0].job_id]

    run(work())


def test_what_the_database_says_past_sqlalchemy_is_a_store_error(bench: Make) -> None:
    async def work() -> None:
        desk = bench()

        def bad(conn: Any) -> None:
            conn.connection.cursor().execute("INSERT INTO nowhere VALUES (1)")

        def twice(conn: Any) -> None:
            for _ in range(2):
                rows._TRANSITION.run(conn, [{"job_id": None, "at": 1.0, "before": None, "after": "x", "reason": None}])

        for work in (bad, twice):
            with pytest.raises(StoreError, match="the database refused to write"):
                await desk.store.write(work)
            both = [desk.store.write(work), desk.store.write(lambda conn: 1), desk.store.write(work)]
            first, second, third = await asyncio.gather(*both, return_exceptions=True)
            assert isinstance(first, StoreError) and isinstance(third, StoreError) and second == 1

    run(work())
