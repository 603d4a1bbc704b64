"""The job families of `/metrics`: names, types, labels, which jobs have series, and that both formats take them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from mixdesk import wire
from mixdesk.jobtypes import JOB_TYPES
from mixdesk_control.jobs import metrics
from mixdesk_control.operations import metrics as operation_metrics
from mixdesk_exporter.exposition import render

Make = Callable[..., Any]

# INTERFACE section 6, the families of jobs: name -> (type, label names).
CONTRACT = {
    "mixdesk_job_info": ("gauge", {"job_id", "job_type", "name", "host"}),
    "mixdesk_job_status": ("gauge", {"job_id", "status"}),
    "mixdesk_job_progress_ratio": ("gauge", {"job_id", "job_type"}),
    "mixdesk_job_phase_progress_ratio": ("gauge", {"job_id", "phase"}),
    "mixdesk_job_epoch": ("gauge", {"job_id"}),
    "mixdesk_job_epochs": ("gauge", {"job_id"}),
    "mixdesk_job_steps": ("counter", {"job_id"}),
    "mixdesk_job_steps_planned": ("gauge", {"job_id"}),
    "mixdesk_job_eta_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_started_timestamp_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_last_report_timestamp_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_last_step_timestamp_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_checkpoint_status": ("gauge", {"job_id", "status"}),
    "mixdesk_job_checkpoint_requested_timestamp_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_last_checkpoint_timestamp_seconds": ("gauge", {"job_id"}),
    "mixdesk_job_last_checkpoint_size_bytes": ("gauge", {"job_id"}),
    "mixdesk_job_metric": ("gauge", {"job_id", "metric"}),
    "mixdesk_jobs": ("gauge", {"job_type", "status"}),
    "mixdesk_jobs_finished": ("counter", {"job_type", "outcome"}),
    "mixdesk_checkpoints": ("counter", {"job_type", "outcome"}),
    "mixdesk_checkpoint_duration_seconds": ("histogram", set()),
    "mixdesk_phase_duration_seconds": ("histogram", {"job_type", "phase"}),
    "mixdesk_progress_error_ratio": ("histogram", {"job_type"}),
    "mixdesk_eta_error_ratio": ("histogram", {"job_type", "at"}),
    "mixdesk_series_dropped": ("counter", {"family"}),
}


def run(work: Any) -> Any:
    return asyncio.run(work)


def families(desk: Any) -> list[Metric]:
    return metrics.families(desk.service, desk.clocks.now)


def value(found: Iterable[Metric], name: str, /, **labels: str) -> float | None:
    for family in found:
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


async def full_run(desk: Any, trainer: Any) -> None:
    """A run with everything in it, seen to its last second."""
    now = desk.clocks.now

    def at(seconds: float) -> str:
        return wire.now_text(now + seconds)

    trainer.set(name="anton", created_at=at(0), started_at=at(0), metrics={"loss": 0.5, "odd": "NaN"})
    await desk.put(trainer, status="starting")
    trainer.phase("preprocessing", started_at=at(1))
    await desk.put(trainer, status="running")
    trainer.phase("preprocessing", "done", ended_at=at(20))
    trainer.phase("training", started_at=at(20), done=0.0, total=10.0, unit="epochs")
    for number in range(10):
        await desk.wait(5.0)
        trainer.phase("training", done=number + 1.0)
        step = {"epoch": number + 1, "epochs": 10, "attempt_steps": number * 100, "planned_steps": 1000}
        await desk.put(trainer, last_step_at=wire.now_text(desk.clocks.now), **step)
    trainer.saved("/c/a.pth", at=desk.clocks.now, started_at=wire.now_text(desk.clocks.now - 2))
    await desk.put(trainer)


def test_the_families_are_those_of_the_contract(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await full_run(desk, trainer)
        await desk.ask(trainer, "checkpoint")
        found = {family.name: family for family in families(desk)}
        for name, (kind, _) in CONTRACT.items():
            assert found[name].type == kind, name
        trainer.phase("packaging", "done")
        await desk.put(trainer, status="succeeded", completed_at=wire.now_text(desk.clocks.now))
        after = {family.name: family for family in families(desk)}
        assert set(found) == set(CONTRACT)
        for name, (kind, labels) in CONTRACT.items():
            samples = found[name].samples or after[name].samples
            assert samples, f"{name} has no sample"
            for sample in samples:
                assert set(sample.labels) - {"le"} == labels, name
                assert not sample.name.endswith("_created")
            if kind == "counter":
                assert all(sample.name == f"{name}_total" for sample in samples)

    run(work())


def test_the_values_are_those_of_the_job(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await full_run(desk, trainer)
        job, found = {"job_id": trainer.job_id}, families(desk)
        assert value(found, "mixdesk_job_info", **job, job_type="training_rvc", name="anton", host="box") == 1.0
        assert value(found, "mixdesk_job_status", **job, status="running") == 1.0
        assert value(found, "mixdesk_job_status", **job, status="lost") == 0.0
        assert value(found, "mixdesk_job_progress_ratio", **job, job_type="training_rvc") == pytest.approx(0.9)
        assert value(found, "mixdesk_job_phase_progress_ratio", **job, phase="training") == 1.0
        assert value(found, "mixdesk_job_steps_total", **job) == 900.0
        assert value(found, "mixdesk_job_eta_seconds", **job) is not None
        assert value(found, "mixdesk_job_last_report_timestamp_seconds", **job) == pytest.approx(desk.clocks.now)
        assert value(found, "mixdesk_job_last_checkpoint_size_bytes", **job) == 1000.0
        assert value(found, "mixdesk_job_metric", **job, metric="loss") == 0.5
        assert math.isnan(value(found, "mixdesk_job_metric", **job, metric="odd") or 0.0)
        assert value(found, "mixdesk_job_checkpoint_status", **job, status="saved") == 1.0
        assert value(found, "mixdesk_job_checkpoint_requested_timestamp_seconds", **job) is None
        await desk.ask(trainer, "checkpoint")
        found = families(desk)
        assert value(found, "mixdesk_job_checkpoint_requested_timestamp_seconds", **job) == pytest.approx(
            desk.clocks.now
        )
        assert value(found, "mixdesk_checkpoints_total", job_type="training_rvc", outcome="saved") == 1.0
        assert value(found, "mixdesk_checkpoint_duration_seconds_sum") == pytest.approx(2.0)
        phase = {"job_type": "training_rvc", "phase": "preprocessing"}
        assert value(found, "mixdesk_phase_duration_seconds_count", **phase) == 1.0
        assert value(found, "mixdesk_phase_duration_seconds_sum", **phase) == pytest.approx(19.0)
        await desk.put(trainer, status="paused")
        assert value(families(desk), "mixdesk_job_eta_seconds", **job) is None, "only while running"

    run(work())


def test_a_lost_job_is_said_to_be_lost(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await desk.wait(30.0)
        await desk.put(trainer, status="running")
        await desk.wait(15.0)
        found = families(desk)
        assert value(found, "mixdesk_job_status", job_id=trainer.job_id, status="lost") == 1.0
        assert value(found, "mixdesk_job_status", job_id=trainer.job_id, status="running") == 0.0
        assert value(found, "mixdesk_jobs", job_type="training_rvc", status="lost") == 1.0

    run(work())


def test_counters_are_there_before_the_first_event(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench()
        found = families(desk)
        for job_type in JOB_TYPES:
            assert value(found, "mixdesk_jobs", job_type=job_type, status="running") == 0.0
            assert value(found, "mixdesk_jobs_finished_total", job_type=job_type, outcome="failed") == 0.0
            assert value(found, "mixdesk_checkpoints_total", job_type=job_type, outcome="saved") == 0.0
        own = Trainer("my_own")
        await desk.put(own, status="running")
        assert value(families(desk), "mixdesk_jobs_finished_total", job_type="my_own", outcome="failed") == 0.0
        await desk.put(own, status="failed")
        assert value(families(desk), "mixdesk_jobs_finished_total", job_type="my_own", outcome="failed") == 1.0
        assert (
            value(
                operation_metrics.families(desk.operations),
                "mixdesk_actions_total",
                action="pause",
                outcome="succeeded",
            )
            == 0.0
        )

    run(work())


def ids(desk: Any) -> set[str]:
    return {
        sample.labels["job_id"] for family in families(desk) for sample in family.samples if "job_id" in sample.labels
    }


def test_which_jobs_have_series_of_their_own(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench(metrics={"max_jobs": 3, "retention_s": 900.0})
        short, failed, long, running = Trainer(), Trainer(), Trainer(), Trainer()
        for trainer in (short, failed, long, running):
            began = wire.now_text(desk.clocks.now)
            await desk.put(trainer, status="running", created_at=began, started_at=began)
        await desk.wait(5.0)
        await desk.put(short, status="succeeded", completed_at=wire.now_text(desk.clocks.now))
        await desk.put(failed, status="failed", completed_at=wire.now_text(desk.clocks.now))
        assert ids(desk) == {failed.job_id, long.job_id, running.job_id}, "a short one only if it failed"
        for _ in range(8):
            await desk.wait(5.0)
            await desk.put(long)
            await desk.put(running)
        await desk.put(long, status="succeeded", completed_at=wire.now_text(desk.clocks.now))
        assert ids(desk) == {failed.job_id, long.job_id, running.job_id}
        more = [Trainer(), Trainer()]
        for trainer in more:
            await desk.put(trainer, status="running")
        assert ids(desk) == {running.job_id, *(trainer.job_id for trainer in more)}, "those that run go first"
        for trainer in (running, *more):
            await desk.put(trainer, status="failed")
        desk.clocks.pass_(901.0)
        assert ids(desk) == set()
        desk.service.retention.evict()
        assert list(desk.service.board.jobs()) == []
        assert value(families(desk), "mixdesk_jobs_finished_total", job_type="training_rvc", outcome="succeeded") == 2.0

    run(work())


def test_odd_names_do_not_break_a_scrape(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk = bench()
        trainer = Trainer('odd "type"', name='a"b\\c' + "é" * 150, metrics={f"m{n}": float(n) for n in range(40)})
        trainer.report.metrics |= {"é" * 150 + "1": 1.0, "é" * 150 + "2": 2.0}
        trainer.report.phases = [wire.PhaseReport(key="ü" * 99 + end, weight=1.0) for end in "ab"]
        await desk.put(trainer, status="running", host="h" * 300)
        found = families(desk)
        body, kind = render(found, "application/openmetrics-text;version=1.0.0")
        assert kind.startswith("application/openmetrics-text")
        parsed = list(parse_openmetrics(body.decode()))
        assert sum(len(family.samples) for family in parsed) == sum(len(family.samples) for family in found)
        plain, _ = render(found, None)
        assert list(parse_text(plain.decode()))
        values = [text for family in found for sample in family.samples for text in sample.labels.values()]
        assert max(len(text.encode()) for text in values) <= 200
        lines = [line.rpartition(" ")[0] for line in plain.decode().splitlines() if not line.startswith("#")]
        assert len(lines) == len(set(lines)), "a series stands once only"
        names = [sample for family in found if family.name == "mixdesk_job_metric" for sample in family.samples]
        assert len(names) == 20

    run(work())


def test_exemplars_carry_the_trace(bench: Make, Trainer: type) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await full_run(desk, trainer)
        body, _ = render(families(desk), "application/openmetrics-text;version=1.0.0")
        assert f'trace_id="{trainer.report.trace_id}"' in body.decode()

    run(work())


def test_a_finished_run_is_scored(bench: Make, Trainer: type, principals: Any) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await full_run(desk, trainer)
        trainer.phase("packaging", "done")
        await desk.put(trainer, status="succeeded")
        assert value(families(desk), "mixdesk_progress_error_ratio_count", job_type="training_rvc") == 1.0
        assert value(families(desk), "mixdesk_eta_error_ratio_count", job_type="training_rvc", at="0.9") == 1.0
        history = await desk.service.history(trainer.job_id, principals.viewer())
        assert 0 < history["scores"]["progress_error"] < 1
        assert len(history["progress"]) > 5
        times = await desk.store.read(lambda conn: conn.exec_driver_sql("SELECT phase, seconds FROM phase_times").all())
        assert ("preprocessing", 19.0) in [(row[0], round(row[1], 3)) for row in times]

    run(work())
