"""Trainers whose clock is wrong by an hour, or is set by one while they run: people see the desk's clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from live_desk import Desk, wait_until
from prometheus_client.parser import text_string_to_metric_families
from runners import Runner
from torture import TORTURE

HOUR = 3600.0
BOTH = [HOUR, -HOUR]
NEAR_S = 60.0  # far less than an hour, far more than a busy machine is late

Make = Callable[..., Runner]


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def times_in(value: Any) -> Iterator[tuple[str, float]]:
    """All times in a document, with the name of their field."""
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and (name.endswith("_at") or name == "at"):
                yield name, seconds(item)
            else:
                yield from times_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from times_in(item)


def gauges(desk: Desk, job_id: str) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(desk.get("/metrics"))
        for sample in family.samples
        if sample.labels.get("job_id") == job_id and sample.name.endswith("_timestamp_seconds")
    }


def shown(desk: Desk, runner: Runner, least: int = 1) -> dict[str, Any] | None:
    jobs = {job["job_id"]: job for job in desk.get("/jobs")["items"]}
    job = jobs.get(runner.job_id)
    return job if job is not None and job["metrics"].get("done", {"value": 0})["value"] >= least else None


def eta(desk: Desk, runner: Runner) -> float:
    return float(desk.get(f"/jobs/{runner.job_id}")["eta_seconds"] or 1e-9)


def check_times(desk: Desk, runner: Runner, began: float) -> None:
    """Every time that is shown lies between the start of the test and now, and later things are later."""
    job, history = desk.get(f"/jobs/{runner.job_id}"), desk.get(f"/jobs/{runner.job_id}/history")
    found = [*times_in(job), *times_in(history)]
    assert len(found) > 10
    wrong = [(name, at - began) for name, at in found if not began - NEAR_S <= at <= time.time() + NEAR_S]
    assert wrong == []
    order = [seconds(job[name]) for name in ("created_at", "started_at", "last_report_at")]
    assert order == sorted(order)
    edges = [seconds(phase[name]) for phase in job["phases"] for name in ("started_at", "ended_at") if phase[name]]
    assert edges == sorted(edges)
    stamps = gauges(desk, runner.job_id)
    runs = job["completed_at"] is None  # a short run has no series once it is over
    assert len(stamps) >= 3 * runs and all(abs(value - time.time()) < NEAR_S for value in stamps.values()), stamps


@pytest.mark.parametrize("skew_s", BOTH[:1] if not TORTURE else BOTH)
def test_a_clock_that_is_wrong_by_an_hour(desk: Desk, runners: Make, skew_s: float) -> None:
    began = time.time()
    names = ["first", "second", "third"]
    started = []
    for name in names:  # the one in the middle is wrong
        started.append(runners(desk, name, steps=100_000, skew_s=skew_s if name == "second" else 0.0))
        wait_until(lambda: shown(desk, started[-1]), "its first report")
    wrong = started[1]
    desk.post(f"/admin/jobs/{wrong.job_id}/checkpoint", {})
    wait_until(lambda: desk.get(f"/jobs/{wrong.job_id}")["details"]["checkpoint_status"] == "saved", "a checkpoint")
    wait_until(lambda: 0.3 < eta(desk, wrong) / eta(desk, started[2]) < 3, "the same ETA as that of a right one")
    check_times(desk, wrong, began)
    listed = [item["name"] for item in desk.get("/jobs")["items"]]
    assert listed == names[::-1], "newest first, by the desk's clock"
    since = datetime.fromtimestamp(began - NEAR_S).astimezone().isoformat().replace("+", "%2B")
    assert len(desk.get(f"/jobs?since={since}")["items"]) == 3
    started[0].hurry()
    assert [runner.end()[0] for runner in started] == ["succeeded"] * 3
    wait_until(lambda: all(item["status"] == "succeeded" for item in desk.get("/jobs")["items"]), "the ends")
    check_times(desk, wrong, began)
    score = desk.get(f"/jobs/{wrong.job_id}/history")["scores"]
    assert score is not None and score["progress_error"] <= 1.0


@pytest.mark.parametrize("jump_s", BOTH[1:] if not TORTURE else BOTH)
def test_a_clock_that_is_set_while_it_runs(desk: Desk, runners: Make, jump_s: float) -> None:
    began = time.time()
    runner = runners(desk, steps=100_000, jump_s=jump_s)
    wait_until(lambda: shown(desk, runner, 50), "a running job")
    before = desk.get(f"/jobs/{runner.job_id}")
    (runner.folder / "jump").touch()
    later = runner.steps + 100
    wait_until(lambda: shown(desk, runner, later), "reports after it")
    check_times(desk, runner, began)
    after = desk.get(f"/jobs/{runner.job_id}")
    for old, new in zip(before["phases"], after["phases"], strict=True):
        if old["started_at"]:
            assert abs(seconds(old["started_at"]) - seconds(new["started_at"])) < NEAR_S, "what was told stays told"
    done = desk.post(f"/admin/jobs/{runner.job_id}/checkpoint", {"then": "cancel"})
    assert runner.end()[0] == "canceled"
    wait_until(lambda: desk.get(f"/admin/operations/{done['operation']}")["state"] == "succeeded", "the file")
    check_times(desk, runner, began)
