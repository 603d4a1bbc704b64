"""One job over several processes, and a queued one."""

from __future__ import annotations

from live_desk import Desk, output_of, wait_until


def test_four_processes_are_one_job(desk: Desk) -> None:
    assert output_of(desk.trainer(script="four_processes.py"))["status"] == "succeeded"
    job = wait_until(lambda: next((job for job in desk.jobs() if job["status"] == "succeeded"), None), "succeeded")
    assert len(desk.jobs()) == 1
    assert job["progress_percent"] == 100
    history = desk.get(f"/jobs/{job['job_id']}/history")
    assert [phase["state"] for phase in history["phases"]] == ["done"] * 6
    assert {f"{key}_done" for key in ("preprocessing", "training")} <= set(job["metrics"])
