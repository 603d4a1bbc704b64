"""Metrics of jobs at a real collector: what `/metrics` says, under names with dots."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pages
import pytest
from collector import Collector, GrpcCollector, Push
from golden_desk import golden
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from mixdesk import wire
from mixdesk_control.jobs import metrics
from mixdesk_control.jobs.otlp_metrics import SERVICE, JobMetricsPusher
from mixdesk_exporter.exposition.otlp.families import named
from mixdesk_exporter.otlp_target import OtlpError

Make = Callable[..., Any]
OFTEN = {"OTEL_METRIC_EXPORT_INTERVAL": "50"}
NEVER = {"OTEL_METRIC_EXPORT_INTERVAL": "3600000"}  # but at the beginning and at the end


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    found.close()


async def until(check: Callable[[], Any]) -> Any:
    for _ in range(1200):
        if found := check():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it never came")


def collect_of(desk: Any) -> Callable[[], Callable[[], list[Metric]]]:
    return lambda: metrics.collect(desk.service, desk.clocks.now)


async def a_run(desk: Any, trainer: Any) -> None:
    """A job that has begun a minute ago, has a phase behind it and has logged a loss; another one has ended."""
    began = desk.clocks.now - 60
    trainer.set(name="anton", started_at=wire.now_text(began), created_at=wire.now_text(began))
    trainer.phase("preprocessing", started_at=wire.now_text(began + 1))
    await desk.put(trainer, status="running")
    trainer.phase("preprocessing", "done", ended_at=wire.now_text(began + 31))
    trainer.phase("training", started_at=wire.now_text(began + 31), done=3, total=4)
    await desk.put(trainer, epoch=2, epochs=5, attempt_steps=700, metrics={"loss": 0.25})


async def pushed(desk: Any, collector: Any, endpoint: str) -> Push:
    """One push of a desk as it stands."""
    pusher = JobMetricsPusher(collect_of(desk), endpoint, NEVER, clock=desk.clocks.clock)
    await pusher.start()
    found: Push = (await until(lambda: collector.pushes))[0]
    await pusher.stop()
    return found


def test_the_jobs_say_by_otlp_what_they_say_to_prometheus(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer, ended = bench(), Trainer(), Trainer("tts_generate")
        await a_run(desk, trainer)
        await desk.put(ended, status="running", started_at=wire.now_text(desk.clocks.now - 40))
        await desk.put(ended, status="failed", error="no", completed_at=wire.now_text(desk.clocks.now))
        push = await pushed(desk, collector, collector.url)
        assert_same(push, metrics.families(desk.service, desk.clocks.now))
        assert push.values("mixdesk.job.progress", "job_id", "job_type").keys() == {
            (trainer.job_id, "training_rvc"),
            (ended.job_id, "tts_generate"),
        }
        assert push.values("mixdesk.job.metric", "metric") == {("loss",): 0.25}
        assert push.values("mixdesk.jobs.finished", "job_type", "outcome")["tts_generate", "failed"] == 1
        assert_times(push, desk.clocks.now, trainer.job_id)
        (about,) = push.resources
        assert (about["service.name"], about["host.name"]) == (SERVICE, os.uname().nodename)

    asyncio.run(work())


def test_assets_say_by_otlp_what_they_say_to_prometheus(collector: Collector) -> None:
    families = [family for family in golden()[0] if family.name.startswith("mixdesk_asset_")]

    async def work() -> None:
        pusher = JobMetricsPusher(lambda: lambda: families, collector.url, NEVER)
        await pusher.start()
        push = (await until(lambda: collector.pushes))[0]
        await pusher.stop()
        assert_same(push, families)
        card = ("rvc", "box1", "0", "GPU-5c8f1a2e-0000-4000-8000-000000000000")
        assert push.values("mixdesk.asset.gpu_memory", "asset", "host", "gpu", "UUID") == {card: 6 << 30}
        assert push.values("mixdesk.asset.gpu_memory_reserved", "asset", "host", "gpu", "UUID") == {card: 8 << 30}
        assert push.values("mixdesk.asset.cpu", "asset") == {("rvc",): 1.25}
        assert push.metrics()["mixdesk.asset.transitions"].unit == "{transition}"

    asyncio.run(work())


def test_the_names_of_the_page_are_those_that_are_sent() -> None:
    rows = pages.table(pages.page("otlp"), "family", "metric", "unit")
    assert len(rows) > 5
    for family, metric, unit in rows:
        name, *_ = pages.names(family)
        assert named(name.removesuffix("_total")) == (pages.names(metric)[0], unit.strip("`").replace("none", "")), name


def assert_same(push: Push, families: Iterable[Metric]) -> None:
    """Every family that has samples is there, with its kind, unit and values; no other is."""
    shown = {named(family.name, family.type): family for family in families if family.samples}
    assert {(name, metric.unit) for name, metric in push.metrics().items()} == set(shown)
    for (name, _), family in shown.items():
        metric = push.metrics()[name]
        kind = {"gauge": "gauge", "counter": "sum", "histogram": "histogram"}[family.type]
        assert metric.WhichOneof("data") == kind, name
        assert metric.description == family.documentation
        if kind == "histogram":
            assert_same_histograms(push, name, family)
        else:
            keys = sorted(family.samples[0].labels)
            said = {tuple(sample.labels[key] for key in keys): sample.value for sample in family.samples}
            assert push.values(name, *keys) == said, name
        if kind == "sum":
            assert metric.sum.is_monotonic and metric.sum.aggregation_temporality == 2, "cumulative"


def assert_same_histograms(push: Push, name: str, family: Metric) -> None:
    for about, point in push.points(name):
        counts = [int(count) for count in point.bucket_counts]
        bounds = [*(f"{bound}" for bound in point.explicit_bounds), "+Inf"]
        for place, bound in enumerate(bounds):
            said = [item.value for item in family.samples if item.labels == {**about, "le": bound}]
            assert said == [sum(counts[: place + 1])], (name, about, bound)
        totals = {item.name.rpartition("_")[2]: item.value for item in family.samples if item.labels == about}
        assert (totals["count"], totals["sum"]) == (point.count, point.sum)
        assert not point.exemplars


def assert_times(push: Push, now: float, job_id: str) -> None:
    at, minute = int(now * 1e9), 60 * 10**9
    for name, metric in push.metrics().items():
        for about, point in push.points(name):
            assert point.time_unix_nano == at
            if metric.WhichOneof("data") != "gauge" and "job_id" not in about:
                assert point.start_time_unix_nano == at, f"{name}: since the desk began"
    ((about, steps),) = push.points("mixdesk.job.steps")
    assert (about["job_id"], steps.as_double) == (job_id, 700)
    assert abs(steps.start_time_unix_nano - (at - minute)) < 10**7, "since the job did, however young the desk"


def test_histograms_have_counts(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await a_run(desk, trainer)
        push = await pushed(desk, collector, collector.url)
        points = {tuple(about.values()): point for about, point in push.points("mixdesk.phase.duration")}
        point = points["training_rvc", "preprocessing"]
        bounds, counts = list(point.explicit_bounds), list(point.bucket_counts)
        assert (point.count, counts[bounds.index(60.0)], sum(counts)) == (1, 1, 1)
        assert len(counts) == len(bounds) + 1
        assert point.sum == pytest.approx(30.0)

    asyncio.run(work())


def test_over_grpc(bench: Make, Trainer: type, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(collector: GrpcCollector) -> None:
        desk, trainer = bench(), Trainer()
        await a_run(desk, trainer)
        env = {**NEVER, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
        pusher = JobMetricsPusher(collect_of(desk), collector.url, env, clock=desk.clocks.clock)
        await pusher.start()
        push = (await until(lambda: collector.pushes))[0]
        await pusher.stop()
        assert push.values("mixdesk.job.steps", "job_id") == {(trainer.job_id,): 700}

    found = GrpcCollector()
    try:
        asyncio.run(work(found))
    finally:
        found.close()


def test_a_job_that_is_gone_has_no_points(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        await a_run(desk, trainer)
        pusher = JobMetricsPusher(collect_of(desk), collector.url, OFTEN, clock=desk.clocks.clock)
        await pusher.start()
        await until(lambda: collector.pushes and collector.pushes[-1].points("mixdesk.job.progress"))
        await desk.put(trainer, status="failed", error="no", completed_at=wire.now_text(desk.clocks.now))
        desk.clocks.pass_(3600)
        await until(lambda: not collector.pushes[-1].points("mixdesk.job.progress"))
        assert (
            collector.pushes[-1].values("mixdesk.jobs.finished", "job_type", "outcome")["training_rvc", "failed"] == 1
        )
        await pusher.stop()

    asyncio.run(work())


def test_what_happens_between_two_pushes_is_pushed_at_the_end(bench: Make, Trainer: type, collector: Collector) -> None:
    async def work() -> None:
        desk, trainer = bench(), Trainer()
        pusher = JobMetricsPusher(collect_of(desk), collector.url, NEVER, clock=desk.clocks.clock)
        await pusher.start()
        await until(lambda: collector.pushes)
        await a_run(desk, trainer)
        await pusher.stop()
        assert len(collector.pushes) == 2
        assert collector.pushes[-1].points("mixdesk.job.steps")

    asyncio.run(work())


def test_families_are_collected_on_the_loop_and_made_beside_it(collector: Collector) -> None:
    where: list[int] = []

    def collect() -> Callable[[], list[Metric]]:
        where.append(threading.get_ident())
        return make

    def make() -> list[Metric]:
        where.append(threading.get_ident())
        return [GaugeMetricFamily("mixdesk_asset_gpu_memory_bytes", "Memory.", value=5.0)]

    async def work() -> None:
        pusher = JobMetricsPusher(collect, collector.url, NEVER)
        await pusher.start()
        push = (await until(lambda: collector.pushes))[0]
        assert push.values("mixdesk.asset.gpu_memory") == {(): 5.0}
        assert push.metrics()["mixdesk.asset.gpu_memory"].unit == "By"
        assert where[0] == threading.get_ident() != where[1]
        await pusher.stop()

    asyncio.run(work())


def test_what_fails_is_said_once_and_tried_again(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    good = threading.Event()
    calls: list[bool] = []

    def collect() -> Callable[[], list[Metric]]:
        calls.append(good.is_set())
        if not good.is_set():
            raise KeyError("a fault of our own")
        return lambda: [GaugeMetricFamily("mixdesk_jobs", "Jobs.", value=1.0)]

    async def work() -> None:
        pusher = JobMetricsPusher(collect, collector.url, OFTEN)
        await pusher.start()
        await until(lambda: len(calls) > 3)
        good.set()
        await until(lambda: collector.pushes)
        await until(lambda: len(caplog.records) == 2)
        await pusher.stop()

    asyncio.run(work())
    failing, well = [record.getMessage() for record in caplog.records]
    assert failing.startswith("OTLP: metrics of jobs are not pushed to ") and "a fault of our own" in failing
    assert well.endswith("again")


def test_a_collector_that_hangs_does_not_hold_up_the_desk(
    bench: Make, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")
    collector.runs.clear()

    async def work() -> None:
        pusher = JobMetricsPusher(collect_of(bench()), collector.url, OFTEN)
        await pusher.start()
        await until(lambda: collector.asked)
        began = time.monotonic()
        await pusher.stop()
        assert time.monotonic() - began < 30, "its time-out is ten minutes"

    asyncio.run(work())


def test_wrong_settings_are_one_line() -> None:
    with pytest.raises(OtlpError, match="OTEL_METRIC_EXPORT_INTERVAL soon"):
        JobMetricsPusher(lambda: list, None, {"OTEL_METRIC_EXPORT_INTERVAL": "soon"})


def test_one_that_was_not_started_stops() -> None:
    asyncio.run(JobMetricsPusher(lambda: list, None, {}).stop())
