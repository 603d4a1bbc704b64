"""The promise of the README's first screen: seen, saved, left, and gone on with, from a second terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from live_desk import Desk, output_of, wait_until

import mixdesk
from mixdesk import checkpoints


def test_a_run_is_saved_and_canceled_and_goes_on_with_the_same_weights(desk: Desk, tmp_path: Path) -> None:
    unbroken = desk.trainer("--checkpoints", tmp_path / "unbroken", "--step-s", 0, "--name", "unbroken")
    expected = output_of(unbroken)
    assert expected["status"] == "succeeded"

    folder = tmp_path / "checkpoints"
    first = desk.trainer("--checkpoints", folder, "--step-s", 0.3)
    wait_until(lambda: in_training_of(desk, "tiny"), "training")
    done = desk.cli("jobs", "checkpoint", "--then", "cancel", "tiny")
    assert ".pth" in done.stdout
    assert output_of(first)["status"] == "canceled"

    job = wait_until(lambda: job_of(desk, "tiny", "canceled"), "canceled")
    assert job["details"]["checkpoint_status"] == "saved"
    saved = mixdesk.resume(folder, "tiny")
    assert saved is not None and saved.step > 0
    assert checkpoints.verify(saved.path).verified
    assert job["details"]["last_checkpoint_path"] == str(saved.path)
    metrics = desk.get("/metrics", "scraper")
    # a job shorter than 30 s has no series of its own, it counts in the aggregates
    assert 'mixdesk_jobs_finished_total{job_type="training_rvc",outcome="canceled"} 1.0' in metrics
    saved_count = re.search(r'mixdesk_checkpoints_total{job_type="training_rvc",outcome="saved"} (.*)', metrics)
    assert saved_count is not None
    assert float(saved_count[1]) >= 2  # the unbroken run's last one, and the requested one

    again = output_of(desk.trainer("--checkpoints", folder, "--step-s", 0))
    assert again == expected
    resumed = wait_until(lambda: job_of(desk, "tiny", "succeeded"), "succeeded")
    assert resumed["parent_id"] == job["job_id"]
    assert resumed["attempt"] == 2


def in_training_of(desk: Desk, name: str) -> Any:
    return next((job for job in desk.jobs() if job["name"] == name and job["details"].get("current_step")), None)


def job_of(desk: Desk, name: str, status: str) -> Any:
    return next((job for job in desk.jobs() if job["name"] == name and job["status"] == status), None)


def test_pause_resume_and_cancel_from_the_command_line(desk: Desk, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--step-s", 0.1, "--epochs", 100)
    wait_until(lambda: in_training_of(desk, "tiny"), "training")
    desk.cli("jobs", "pause")
    wait_until(lambda: job_of(desk, "tiny", "paused"), "paused")
    desk.cli("jobs", "resume")
    wait_until(lambda: job_of(desk, "tiny", "running"), "running again")
    desk.cli("jobs", "cancel")
    assert output_of(trainer)["status"] == "canceled"
    shown = desk.cli_json("jobs", "show", "tiny")
    assert shown["status"] == "canceled"
    operations = desk.get("/admin/operations")["items"]
    assert [operation["state"] for operation in operations] == ["succeeded"] * 3
