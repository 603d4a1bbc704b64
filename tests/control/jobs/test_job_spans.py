"""Spans of jobs at a real collector: an HTTP server that takes OTLP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from collector import Collector

from mixdesk import wire
from mixdesk.identity import new_span_id

Make = Callable[..., Any]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    found.close()


async def until(check: Callable[[], object]) -> None:
    for _ in range(600):
        if check():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


def timed(desk: Any, trainer: Any) -> Callable[[float], str]:
    """Gives the trainer a start, and times of its own clock."""
    began = desk.clocks.now

    def at(seconds: float) -> str:
        return wire.now_text(began + seconds)

    trainer.set(name="anton", started_at=at(0), created_at=at(0))
    for phase in trainer.report.phases:
        phase.span_id = new_span_id()
    return at


def test_a_run_is_one_trace(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer = bench(endpoint=collector.url), Trainer()
        await desk.service.start()
        at = timed(desk, trainer)
        trainer.phase("preprocessing", started_at=at(1))
        answer = await desk.put(trainer, status="running")
        assert answer.spans is True
        trainer.phase("preprocessing", "done", ended_at=at(2))
        trainer.phase("training", started_at=at(2))
        await desk.put(trainer)
        await until(lambda: collector.named("phase preprocessing"))
        assert not collector.named("job training_rvc"), "what has not ended is not sent"
        trainer.saved("/c/a.pth", at=desk.clocks.now + 4, started_at=at(3), span_id=new_span_id(), epoch=1, step=5)
        trainer.phase("training", "done", ended_at=at(5))
        await desk.put(trainer, status="failed", error="boom", completed_at=at(6))
        await until(lambda: collector.named("job training_rvc"))
        await desk.service.stop()

        job, phase = collector.named("job training_rvc")[0], collector.named("phase training")[0]
        save = collector.named("checkpoint")[0]
        assert job.trace_id.hex() == trainer.report.trace_id and job.span_id.hex() == trainer.report.span_id
        assert phase.parent_span_id == save.parent_span_id == job.span_id
        assert (job.status.code, job.status.message) == (2, "boom")
        began = desk.clocks.now
        assert phase.start_time_unix_nano == pytest.approx((began + 2) * 1e9)
        assert phase.end_time_unix_nano == pytest.approx((began + 5) * 1e9)
        attributes = {item.key: item.value for item in phase.attributes}
        assert {"mixdesk.job.id", "mixdesk.job.type", "mixdesk.job.name", "mixdesk.job.attempt"} <= set(attributes)
        assert attributes["mixdesk.phase.key"].string_value == "training"
        assert (attributes["mixdesk.phase.index"].int_value, attributes["mixdesk.phase.weight"].double_value) == (
            3,
            50.0,
        )
        assert collector.spans[0]["resource"] == {"service.name": "mixdesk-jobs", "host.name": "box"}
        names = sorted(item["span"].name for item in collector.spans)
        assert names == ["checkpoint", "job training_rvc", "phase preprocessing", "phase training"], "each once"

    asyncio.run(work())


def test_a_collector_that_is_away_gets_them_later_also_after_a_crash(
    bench: Make, Trainer: type, collector: Collector
) -> None:
    async def work() -> None:
        collector.status = 503
        desk, trainer = bench(endpoint=collector.url), Trainer()
        await desk.service.start()
        at = timed(desk, trainer)
        trainer.phase("training", "done", started_at=at(0), ended_at=at(1))
        await desk.put(trainer, status="succeeded", completed_at=at(2))
        await until(lambda: collector.asked)
        for task in desk.service._tasks:
            task.cancel()
        desk.service.emitter._exporter.shutdown()  # a crash would end its retries too
        await asyncio.gather(desk.service.emitter._sending, return_exceptions=True)
        collector.status = 200
        desk.service = desk._open()
        await desk.service.start()
        await until(lambda: collector.named("job training_rvc"))
        await desk.service.stop()
        before = len(collector.spans)
        desk.service = desk._open()
        await desk.service.start()
        await asyncio.sleep(1.0)
        await desk.service.stop()
        assert len(collector.spans) == before, "what a collector has is not sent again"

    asyncio.run(work())


def test_the_spans_of_a_lost_job_are_closed(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer = bench(endpoint=collector.url, lost_fail_s=20.0), Trainer()
        at = timed(desk, trainer)
        trainer.phase("training", started_at=at(1))
        await desk.put(trainer, status="running")
        heard = desk.clocks.now
        await desk.wait(60.0)
        emitter = asyncio.create_task(desk.service.emitter.run())
        await until(lambda: collector.named("job training_rvc"))
        emitter.cancel()
        phase, job = collector.named("phase training")[0], collector.named("job training_rvc")[0]
        assert phase.end_time_unix_nano == pytest.approx(max(heard, heard + 1) * 1e9)
        assert (phase.status.code, job.status.code, job.status.message) == (2, 2, "lost contact")

    asyncio.run(work())


@pytest.mark.parametrize("own", [True, False])
def test_one_emitter_a_job(bench: Make, Trainer: type, collector: Collector, own: bool) -> None:
    """A trainer that began to emit by itself goes on, also at a desk with a collector; else the desk does."""

    async def work() -> None:
        desk, trainer = bench(endpoint=collector.url), Trainer()
        at = timed(desk, trainer)
        trainer.phase("training", "done", started_at=at(0), ended_at=at(1))
        answer = await desk.put(trainer, status="running", own_spans=own)
        assert answer.spans is not own
        await desk.put(trainer, status="succeeded", completed_at=at(1))
        await desk.service.emitter.stop()
        assert bool(collector.spans) is not own

    asyncio.run(work())


def test_without_an_endpoint_the_sdk_is_not_imported(new_desk: Any, Trainer: type) -> None:
    found = new_desk().start()
    trainer = Trainer()
    headers = {"Content-Type": "application/json"}
    answer = found.ask(
        "PUT", f"/jobs/{trainer.job_id}/report", "reporter", data=trainer.next(status="failed"), headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["spans"] is False
    from pathlib import Path

    maps = Path(f"/proc/{found.pid}/maps").read_text()
    assert "grpc" not in maps


def test_a_dead_collector_delays_the_stop_by_two_seconds_at_most(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(endpoint="http://127.0.0.1:9"), Trainer()
        await desk.service.start()
        at = timed(desk, trainer)
        await desk.put(trainer, status="succeeded", completed_at=at(1))
        await asyncio.wait_for(desk.service.stop(), 20.0)
        assert (await desk.show(trainer))["status"] == "succeeded"

    asyncio.run(work())
