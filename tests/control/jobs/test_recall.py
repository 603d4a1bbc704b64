"""The histories of job types in memory: none lost, none counted twice, no place for empty ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mixdesk_control.jobs import recall as recall_module
from mixdesk_control.jobs.recall import Recall
from mixdesk_control.jobs.rows import Change, PhaseTime, write

Make = Callable[..., Any]


def run(work: Any) -> Any:
    return asyncio.run(asyncio.wait_for(work, 120))


async def state_of(desk: Any, trainer: Any) -> Any:
    await desk.put(trainer, status="running")
    return desk.service.board.find(trainer.job_id).state


def ended(state: Any, seconds: float) -> Change:
    return Change(state, state, phase_times=[PhaseTime("all", 1.0, 1.0, seconds)])


def known(recall: Recall, job_type: str) -> list[float]:
    history = recall._histories.get(job_type)
    return [] if history is None else [run.places["all"].seconds for run in history.lately]


@pytest.mark.parametrize("told", ["before it is kept", "after it is kept"])
@pytest.mark.parametrize("read", ["with it", "without it"])
def test_a_run_that_ends_while_the_store_is_read_is_known_once(
    bench: Make, Trainer: type, told: str, read: str
) -> None:
    async def work() -> None:
        desk = bench()
        recall = Recall(desk.store, desk.clocks.monotonic)
        old, new = [await state_of(desk, Trainer("own")) for _ in range(2)]
        first, second = ended(old, 1.0), ended(new, 2.0)
        await desk.store.write(lambda conn: write(conn, first, 1.0))
        if read == "with it":
            await desk.store.write(lambda conn: write(conn, second, 2.0))
        loading = asyncio.create_task(recall.load("own"))
        await asyncio.sleep(0)
        if told == "before it is kept":
            recall.changed(second, None)
        await loading
        if told == "after it is kept":
            recall.changed(second, None)
        assert known(recall, "own") == [1.0, 2.0]
        recall.changed(second, None)
        assert known(recall, "own") == [1.0, 2.0]
        await desk.store.write(lambda conn: write(conn, second, 2.0))
        desk.clocks.pass_(100.0)
        await recall.load("own")
        assert known(recall, "own") == [1.0, 2.0]

    run(work())


def test_empty_histories_take_no_place_and_a_running_job_keeps_its_own(
    bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_module, "MOST_TYPES", 2)

    async def work() -> None:
        desk, trainer = bench(), Trainer("one")
        recall = Recall(desk.store, desk.clocks.monotonic)
        state = await state_of(desk, trainer)
        job = desk.service.board.find(trainer.job_id)
        await desk.store.write(lambda conn: write(conn, ended(state, 1.0), 1.0))
        await recall.load("one")
        outlook = recall.outlook(job, state)
        assert outlook is not None
        for number in range(5):
            await recall.load(f"nothing-{number}")
        assert known(recall, "one") == [1.0], "what is empty goes first"
        for job_type in ("two", "three"):
            other = await state_of(desk, Trainer(job_type))
            change = ended(other, 2.0)
            await desk.store.write(lambda conn, change=change: write(conn, change, 2.0))
            await recall.load(job_type)
        assert known(recall, "one") == [] and recall.outlook(job, state) is outlook

    run(work())
