"""A desk that dies and returns, and trainers that end meanwhile."""

from __future__ import annotations

import signal
from pathlib import Path

from live_desk import Desk, output_of, wait_until


def test_a_killed_desk_costs_nothing_but_freshness(desk: Desk, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--step-s", 0.05, "--epochs", 500)
    wait_until(desk.jobs, "the first report")
    desk.end(signal.SIGKILL)
    desk.start()
    wait_until(lambda: desk.jobs() and not desk.jobs()[0]["lost"], "a report to the desk that came back")
    asked = desk.cli("jobs", "checkpoint")
    assert ".pth" in asked.stdout
    desk.cli("jobs", "cancel")
    assert output_of(trainer)["status"] == "canceled"
    wait_until(lambda: desk.jobs()[0]["status"] == "canceled", "canceled")


def test_a_run_that_ended_without_a_desk_is_told_by_its_spool(desk: Desk, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--step-s", 0.05, "--epochs", 3)
    wait_until(desk.jobs, "the first report")
    desk.end(signal.SIGKILL)
    assert output_of(trainer)["status"] == "succeeded"
    assert list((desk.state / "spool").glob("*.jsonl"))
    desk.start()
    wait_until(lambda: desk.jobs()[0]["status"] == "succeeded", "the end that the spool holds")
    wait_until(lambda: not list((desk.state / "spool").glob("*.jsonl")), "the spool's file to go")


def test_a_request_made_before_the_desk_was_killed_is_heard_after(desk: Desk, tmp_path: Path) -> None:
    trainer = desk.trainer("--checkpoints", tmp_path / "checkpoints", "--step-s", 0.05, "--epochs", 200)
    wait_until(desk.jobs, "the first report")
    trainer.send_signal(signal.SIGSTOP)
    desk.cli("jobs", "checkpoint", "--then", "cancel", "--no-wait")
    desk.end(signal.SIGKILL)
    desk.start()
    trainer.send_signal(signal.SIGCONT)
    assert output_of(trainer)["status"] == "canceled"
    job = wait_until(lambda: next((job for job in desk.jobs() if job["status"] == "canceled"), None), "canceled")
    assert job["details"]["checkpoint_status"] == "saved"
    assert [operation["state"] for operation in desk.get("/admin/operations")["items"]] == ["succeeded"]
