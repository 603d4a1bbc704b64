"""Trainers that fall silent: stopped, killed, cut off, or ended while no desk was there. Short leases, real time."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cable import Cable
from live_desk import Desk, wait_until
from prometheus_client.parser import text_string_to_metric_families
from runners import Runner
from torture import TORTURE

LEASE_S, LOST_FAIL_S = 1.0, 2.0
SHORT = f"[jobs]\nlease_s = {LEASE_S:g}\nlost_fail_s = {LOST_FAIL_S:g}\n"
MARGIN_S = 5.0  # beyond the lease, on a busy machine

Make = Callable[..., Runner]


@pytest.fixture
def desk(new_desk: Callable[[str], Desk]) -> Desk:
    made = new_desk(SHORT)
    made.start()
    return made


@pytest.fixture
def cable(desk: Desk) -> Iterator[Cable]:
    found = Cable(desk.port)
    yield found
    found.close()


def one(desk: Desk) -> dict[str, Any]:
    (job,) = desk.get("/jobs")["items"]
    return dict(job)


def moves(desk: Desk, runner: Runner) -> list[tuple[str, str]]:
    """(status, reason) in order."""
    lines = desk.get(f"/jobs/{runner.job_id}/history")["transitions"]
    return [(line["after"], line["reason"]) for line in lines]


def running(desk: Desk) -> dict[str, Any] | None:
    jobs = [job for job in desk.get("/jobs?status=running")["items"] if job["status"] == "running"]
    return jobs[0] if jobs and jobs[0]["metrics"].get("done", {"value": 0})["value"] > 1 else None


def said(desk: Desk) -> set[str]:
    """The statuses under which every view shows the one job: JSON, filters, metrics."""
    job = one(desk)
    shown = {"lost" if job["lost"] else job["status"]}
    shown |= {status for status in ("running", "lost", "failed") if desk.get(f"/jobs?status={status}")["items"]}
    for family in text_string_to_metric_families(desk.get("/metrics")):
        if family.name == "mixdesk_job_status":
            shown |= {sample.labels["status"] for sample in family.samples if sample.value == 1}
    return shown


@pytest.mark.parametrize("away_s", [LEASE_S + LOST_FAIL_S + 1.0, *([0.0] if TORTURE else [])])
def test_the_true_end_arrives_however_long_the_desk_was_away(desk: Desk, runners: Make, away_s: float) -> None:
    runner = runners(desk, steps=300)
    wait_until(lambda: running(desk), "a running job")
    desk.end(signal.SIGKILL)
    runner.hurry()
    assert runner.end() == ("succeeded", 300, 300)
    time.sleep(away_s)
    desk.start()
    job = wait_until(lambda: one(desk) if one(desk)["status"] != "running" else None, "the end")
    assert (job["status"], job["lost"], job["progress_percent"]) == ("succeeded", False, 100.0)
    assert job["metrics"]["done"]["value"] == 300
    (saved,) = job["checkpoints"]
    assert saved["verified"] and saved["step"] == 300 and Path(saved["path"]).stat().st_size == saved["size"]
    history = desk.get(f"/jobs/{runner.job_id}/history")
    assert [line["after"] for line in history["transitions"] if line["after"] in ("lost", "failed")] == []
    assert len(history["checkpoints"]) == 1
    assert list((desk.state / "spool").glob("*.jsonl")) == []


def test_a_killed_trainer_is_lost_after_its_lease_and_never_running_again(desk: Desk, runners: Make) -> None:
    runner = runners(desk)
    wait_until(lambda: running(desk), "a running job")
    runner.child.signal(signal.SIGKILL)
    died = time.monotonic()
    seen: list[set[str]] = []
    while not seen or "failed" not in seen[-1]:
        asked = time.monotonic()
        seen.append(said(desk))
        if asked - died > LEASE_S + MARGIN_S:
            assert "running" not in seen[-1], seen
        assert asked - died < 60, seen
    first = next(number for number, statuses in enumerate(seen) if "running" not in statuses)
    assert all("running" not in statuses for statuses in seen[first:]), "once lost it is not running again"
    assert {"lost"} in seen, "every view says lost in the same moment"
    job = one(desk)
    assert (job["status"], job["error"]) == ("failed", "lost contact")
    assert [move for move, _ in moves(desk, runner)][-2:] == ["lost", "failed"]
    desk.end()
    desk.start()
    assert said(desk) == {"failed"}


def test_one_that_was_stopped_is_running_again(desk: Desk, runners: Make) -> None:
    runner = runners(desk, steps=1_000)
    wait_until(lambda: running(desk), "a running job")
    runner.child.signal(signal.SIGSTOP)
    wait_until(lambda: said(desk) == {"failed"}, "lost contact")
    at = runner.steps
    runner.child.signal(signal.SIGCONT)
    job = wait_until(lambda: running(desk), "running again")
    assert not job["lost"] and job["error"] is None and job["completed_at"] is None
    wait_until(lambda: runner.steps > at, "the next step")
    assert ("running", "it reported again") in moves(desk, runner)
    desk.post(f"/admin/jobs/{runner.job_id}/checkpoint", {})
    wait_until(lambda: one(desk)["details"]["checkpoint_status"] == "saved", "a checkpoint asked for after it")
    runner.hurry()
    assert runner.end() == ("succeeded", 1_000, 1_000)
    wait_until(lambda: said(desk) == {"succeeded"}, "its own end")
    finished = [
        sample.labels["outcome"]
        for family in text_string_to_metric_families(desk.get("/metrics"))
        if family.name == "mixdesk_jobs_finished"
        for sample in family.samples
        if sample.value and sample.labels["job_type"] == "training_rvc"
    ]
    assert "succeeded" in finished


def ended_of(desk: Desk, operation: str) -> dict[str, Any] | None:
    found = desk.get(f"/admin/operations/{operation}")
    return found if found["ended_at"] else None


def elsewhere(desk: Desk, cable: Cable, folder: Path) -> dict[str, str]:
    """The environment of a trainer on another host: a state folder of its own, the desk over the cable."""
    return {
        "MIXDESK_STATE_DIR": str(folder / "elsewhere"),
        "MIXDESK_URL": cable.url,
        "MIXDESK_TOKEN": desk.token("reporter"),
    }


@pytest.mark.parametrize("fault", ["hold", *(["cut"] if TORTURE else [])])
def test_a_trainer_that_was_cut_off_is_running_again(
    desk: Desk, cable: Cable, runners: Make, tmp_path: Path, fault: str
) -> None:
    runner = runners(desk, steps=4_000, env=elsewhere(desk, cable, tmp_path))
    wait_until(lambda: running(desk), "a running job")
    cable.set(fault)
    desk.post(f"/admin/jobs/{runner.job_id}/checkpoint", {})
    wait_until(lambda: said(desk) == {"lost"}, "lost")
    wait_until(lambda: said(desk) == {"failed"}, "lost contact")
    at = runner.steps
    cable.set("through")
    wait_until(lambda: running(desk), "running again")
    wait_until(lambda: runner.steps > at, "the next step")
    operation = desk.post(f"/admin/jobs/{runner.job_id}/checkpoint", {})["operation"]
    ended = wait_until(lambda: ended_of(desk, operation), "a later request")
    assert ended["state"] == "succeeded", (ended, one(desk), moves(desk, runner))
    runner.hurry()
    assert runner.end() == ("succeeded", 4_000, 4_000)
    wait_until(lambda: said(desk) == {"succeeded"}, "its own end")


def test_an_end_behind_a_cut_is_told_by_the_next_job_of_that_host(
    desk: Desk, cable: Cable, runners: Make, tmp_path: Path
) -> None:
    away = elsewhere(desk, cable, tmp_path)
    runner = runners(desk, steps=300, env=away)
    wait_until(lambda: running(desk), "a running job")
    cable.set("cut")
    runner.hurry()
    assert runner.end() == ("succeeded", 300, 300)
    wait_until(lambda: said(desk) == {"failed"}, "lost contact")
    cable.set("through")
    later = runners(desk, "berta", steps=10, env=away)
    assert later.end() == ("succeeded", 10, 10)
    wait_until(lambda: {job["status"] for job in desk.get("/jobs")["items"]} == {"succeeded"}, "both true ends")
    assert ("succeeded", "its last reports were delivered") in moves(desk, runner)
    assert desk.get(f"/jobs/{runner.job_id}")["error"] is None
